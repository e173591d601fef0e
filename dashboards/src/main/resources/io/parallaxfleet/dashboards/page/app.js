// Ties the page together: what is selected, when what is drawn, and what the connection is doing.

import { badge, renderAges, renderOverview } from './cards.js';
import { recolor, renderCharts } from './charts.js';
import { byId, element, setText } from './dom.js';
import * as format from './format.js';
import { freeze, renderRollout } from './rollout.js';
import { connect, fleet, orderedClasses } from './state.js';
import { describePlan, planLabel, renderBranches, renderEffect, renderPolicies, renderProblems } from './tables.js';

const BRANCH_ROWS = matchMedia('(max-width: 700px)').matches ? 5 : 12;
const ALL_MODELS = '';
const selection = { classId: null, model: null, planId: null, allBranches: false };
const branches = { key: null, detail: null };
let connected = false;
let scheduled = false;

function readAddress() {
  const address = new URLSearchParams(location.hash.slice(1));
  if (address.has('class')) selection.classId = address.get('class');
  if (address.has('model')) selection.model = address.get('model');
}

function writeAddress() {
  const address = new URLSearchParams();
  address.set('class', selection.classId);
  if (selection.model !== null) address.set('model', selection.model);
  history.replaceState(null, '', `#${address}`);
}

function selectClass(id) {
  if (selection.classId === id) return;
  Object.assign(selection, { classId: id, planId: null, allBranches: false });
  if (!fleet.classes.get(id).models.some((model) => model.model === selection.model)) selection.model = null;
  writeAddress();
  render();
}

function selectModel(model) {
  Object.assign(selection, { model, planId: null, allBranches: false });
  writeAddress();
  render();
}

/** Until one is chosen: the first class that has figures, measured before simulated. */
function currentClass() {
  const owners = orderedClasses();
  return fleet.classes.get(selection.classId) ?? owners.find((owner) => owner.models.length) ?? owners[0] ?? null;
}

function currentModels(owner) {
  const names = owner.models.map((model) => model.model);
  return selection.model && names.includes(selection.model) ? [selection.model] : names;
}

function renderModelButtons(owner) {
  const names = owner.models.map((model) => model.model);
  const chosen = names.includes(selection.model) ? selection.model : ALL_MODELS;
  const wanted = names.length > 1 ? [ALL_MODELS, ...names] : names;
  const holder = byId('models');
  const present = [...holder.children].map((button) => button.dataset.model);
  if (JSON.stringify(present) !== JSON.stringify(wanted)) {
    holder.replaceChildren(...wanted.map((name) => {
      const button = element('button', { type: 'button', onclick: () => selectModel(name) }, name === ALL_MODELS ? 'All models' : name);
      button.dataset.model = name;
      return button;
    }));
  }
  for (const button of holder.children) button.setAttribute('aria-pressed', String(button.dataset.model === chosen || names.length === 1));
}

function renderDetailHead(owner) {
  byId('detail-title').replaceChildren(owner.name, badge(owner.simulated));
  const engine = owner.engines.length ? ` · engine ${owner.engines[0].label}` : '';
  setText('detail-sub', `${format.count(owner.reporting)} of ${format.count(owner.devices)} devices in the newest window${engine}`);
}

/** Plans to offer: of the chosen model, the policy's own before exploration, the newest epoch first. */
function plansOf(owner, models) {
  return owner.plans
    .filter((plan) => models.length === 0 || models.includes(plan.model))
    .sort((a, b) => a.explored - b.explored || b.policyEpoch - a.policyEpoch || b.lastSeenMillis - a.lastSeenMillis);
}

function renderPlanChoice(owner, models) {
  const plans = plansOf(owner, models);
  const picker = byId('plan');
  const chosen = plans.find((plan) => plan.planId === selection.planId) ?? plans[0] ?? null;
  const wanted = plans.map((plan) => plan.planId);
  if (JSON.stringify([...picker.options].map((option) => option.value)) !== JSON.stringify(wanted)) {
    picker.replaceChildren(...plans.map((plan) => element('option', { value: plan.planId }, planLabel(plan))));
  }
  if (chosen) picker.value = chosen.planId;
  byId('plan-label').hidden = plans.length === 0;
  setText('branch-hint', chosen ? describePlan(chosen) : '');
  return chosen;
}

function drawBranches() {
  const left = renderBranches(branches.detail, selection.allBranches ? Infinity : BRANCH_ROWS,
    branches.key ? 'The plan is being fetched.' : 'No plan of this class is known yet. Agents publish one for each model they load.');
  byId('branches-more').hidden = left <= 0;
  setText('branches-more', `Show ${left} more branches`);
}

async function fetchBranches(owner, plan) {
  const key = plan ? `${owner.id} ${plan.planId}` : null;
  const version = plan ? `${key} ${owner.branchesMillis} ${plan.lastSeenMillis}` : null;
  if (branches.key !== key) Object.assign(branches, { key, detail: null });
  if (branches.version === version) return drawBranches();
  branches.version = version;
  drawBranches();
  if (!plan) return undefined;
  try {
    const query = new URLSearchParams({ class: owner.name, simulated: owner.simulated, id: plan.planId });
    const answer = await fetch(`/api/plan?${query}`);
    if (!answer.ok) throw new Error(`HTTP ${answer.status}`);
    const detail = await answer.json();
    if (branches.key === key) {
      branches.detail = detail;
      drawBranches();
    }
  } catch {
    // The next state event asks again; the connection line already says when the server is gone.
    branches.version = null;
  }
  return undefined;
}

function renderConnection() {
  const { state, detail, missingTopics } = fleet.source;
  const live = connected && state === 'LIVE';
  const text = !connected ? (fleet.revision ? 'Reconnecting' : 'Connecting') : live ? 'Live' : state === 'LOST' ? 'Kafka lost' : 'Connecting to Kafka';
  byId('connection').dataset.state = live ? 'live' : !connected || state === 'LOST' ? 'lost' : 'connecting';
  setText('connection-text', text);
  document.title = live ? 'Parallax Fleet' : `${text} · Parallax Fleet`;
  let banner = '';
  if (!connected && fleet.revision) banner = `The dashboard server does not answer; what you see is from ${format.clock(fleet.lastEventMillis)}. The page reconnects by itself.`;
  else if (connected && state === 'LOST') banner = detail.charAt(0).toUpperCase() + detail.slice(1);
  else if (live && missingTopics.length) banner = `Waiting for topics that do not exist yet: ${missingTopics.join(', ')}. ./parallax topics, the job or the demo creates them.`;
  else banner = freeze(orderedClasses()) ?? '';
  setText('banner', banner);
  byId('banner').hidden = banner === '';
}

function render() {
  renderConnection();
  const owner = currentClass();
  renderOverview(owner?.id ?? null, selectClass);
  renderProblems();
  byId('problems').hidden = fleet.revision === 0;
  byId('detail').hidden = owner === null;
  if (owner === null) return;
  const models = currentModels(owner);
  renderDetailHead(owner);
  renderModelButtons(owner);
  renderCharts(owner, models);
  renderEffect(owner);
  renderRollout(owner);
  renderPolicies(owner);
  fetchBranches(owner, renderPlanChoice(owner, models));
}

function schedule() {
  if (scheduled) return;
  scheduled = true;
  requestAnimationFrame(() => {
    scheduled = false;
    render();
  });
}

readAddress();
byId('plan').addEventListener('change', (event) => {
  Object.assign(selection, { planId: event.target.value, allBranches: false });
  render();
});
byId('branches-more').addEventListener('click', () => {
  selection.allBranches = true;
  drawBranches();
});
addEventListener('hashchange', () => {
  readAddress();
  render();
});
recolor(schedule);
setInterval(renderAges, 1_000);
connect(schedule, (now) => {
  if (connected !== now) {
    connected = now;
    renderConnection();
  }
});
