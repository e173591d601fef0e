// The overview: one card per device class, measured and simulated in groups of their own.

import { byId, element, setText, span } from './dom.js';
import * as format from './format.js';
import { holdTags, standing } from './rollout.js';
import { effect, fleet, inForce, orderedClasses, samples, serverNow } from './state.js';

const MODELS_ON_CARD = 5;
const NOTABLE_SHARE = 0.3;
const cards = new Map();

export const badge = (simulated) =>
  span(`badge ${simulated ? 'badge-simulated' : 'badge-measured'}`, simulated ? 'SIMULATED' : 'MEASURED');

const most = (tallies) => (tallies.length === 0 ? null : tallies[0].label + (tallies.length > 1 ? ` and ${tallies.length - 1} more` : ''));

function hardware(owner) {
  if (owner.devices === 0) return [span('card-sub', 'No device profile yet')];
  return [most(owner.processors), most(owner.accelerators)].map((text) => {
    const line = span('card-sub card-hardware', text);
    line.title = text;
    return line;
  });
}

function modelRow(model) {
  const { before, now } = effect(model);
  const change = before ? format.change(before.p50Nanos, now.p50Nanos) : null;
  const values = before
    ? `${format.duration(before.p50Nanos)} → ${format.duration(now.p50Nanos)}`
    : format.duration(now && now.p50Nanos);
  return element('span', { class: 'card-row', title: model.model },
    span('model-name', model.model),
    span('values', values),
    change ? span(change.tone, change.text) : span('samples', now ? `n ${format.count(now.samples)}` : ''));
}

function policyLine(owner) {
  const policy = inForce(owner);
  if (!policy) {
    const last = owner.policies.find((known) => known.rollout)?.rollout;
    return element('span', { class: 'card-policy' }, element('b', {}, 'Built-in thresholds'), last ? ` · ${last.decision.toLowerCase()}: ${last.reason}` : ', none published yet');
  }
  return element('span', { class: 'card-policy' }, element('b', {}, `Epoch ${policy.epoch}`), ` · ${format.thresholds(policy.published)}`);
}

function rolloutLine(rollout) {
  if (!rollout || !(rollout.underWay || rollout.paused || rollout.pinned || rollout.frozen)) return null;
  return element('span', { class: 'card-rollout' }, rollout.underWay ? `Rollout ${standing(rollout)} ` : '', ...holdTags(rollout));
}

function content(owner) {
  const models = owner.models.filter((model) => model.epochs.length).sort((a, b) => total(b) - total(a));
  // By name, since rows that change places while counts grow cannot be read.
  const rows = models.slice(0, MODELS_ON_CARD).sort((a, b) => a.model.localeCompare(b.model)).map(modelRow);
  if (models.length > MODELS_ON_CARD) rows.push(element('span', { class: 'card-row' }, span('samples', `and ${models.length - MODELS_ON_CARD} more`)));
  const taken = samples(owner);
  const all = taken.policy + taken.explored + taken.cold + taken.invalid;
  if (taken.invalid > NOTABLE_SHARE * all) {
    rows.push(span('card-warning', `${format.count(taken.invalid)} of ${format.count(all)} samples set aside: disturbed by other load, throttled or fallen back`));
  }
  if (rows.length === 0) rows.push(element('span', { class: 'card-row' }, span('samples', taken.cold > 0 ? 'Warming up: no warm sample yet' : 'No aggregated window yet; is the Flink job running?')));
  const seen = span('seen', '');
  seen.dataset.seen = owner.lastSeenMillis ?? '';
  return [
    element('span', { class: 'card-head' }, span('card-name', owner.name), badge(owner.simulated)),
    element('span', { class: 'card-sub' }, `${format.count(owner.devices)} ${owner.devices === 1 ? 'device' : 'devices'} · `, seen),
    ...hardware(owner),
    policyLine(owner),
    rolloutLine(owner.rollout),
    ...rows,
  ].filter((part) => part !== null);
}

const total = (model) => model.epochs.reduce((sum, epoch) => sum + epoch.samples, 0);

function group(simulated, owners, select) {
  const id = simulated ? 'group-simulated' : 'group-measured';
  let section = byId(id);
  if (owners.length === 0) {
    section?.remove();
    return;
  }
  if (!section) {
    section = element('div', { id, class: `group ${id}`, role: 'group' }, element('h3'), element('div', { class: 'cards' }));
    byId('groups')[simulated ? 'append' : 'prepend'](section);
  }
  section.style.setProperty('--cards', Math.min(owners.length, 4));
  const devices = owners.reduce((sum, owner) => sum + owner.devices, 0);
  section.firstChild.replaceChildren(simulated ? 'Simulated devices' : 'Measured devices',
    span('', `${format.count(devices)} in ${owners.length === 1 ? 'one class' : `${owners.length} classes`}${simulated ? ', figures from device models' : ''}`));
  const list = section.lastChild;
  owners.forEach((owner, index) => {
    let card = cards.get(owner.id);
    if (!card) {
      card = { button: element('button', { type: 'button', class: 'card', onclick: () => select(owner.id) }), owner: null };
      card.button.dataset.classId = owner.id;
      cards.set(owner.id, card);
    }
    if (card.owner !== owner) {
      card.button.replaceChildren(...content(owner));
      card.owner = owner;
    }
    // The button is moved only when its place changed, so that it keeps the focus.
    if (list.children[index] !== card.button) list.insertBefore(card.button, list.children[index] ?? null);
  });
}

export function renderOverview(selectedId, select) {
  for (const [id, card] of cards) {
    if (!fleet.classes.has(id)) {
      card.button.remove();
      cards.delete(id);
    }
  }
  const owners = orderedClasses();
  group(false, owners.filter((owner) => !owner.simulated), select);
  group(true, owners.filter((owner) => owner.simulated), select);
  for (const [id, card] of cards) card.button.setAttribute('aria-pressed', String(id === selectedId));
  byId('loading').hidden = fleet.revision > 0;
  byId('fleet-empty').hidden = fleet.revision === 0 || owners.length > 0;
  setText('fleet-empty-source', fleet.source.detail ? `This page is ${fleet.source.detail}.` : '');
  facts(owners);
  renderAges();
}

function facts(owners) {
  const devices = (simulated) => owners.filter((owner) => owner.simulated === simulated).reduce((sum, owner) => sum + owner.devices, 0);
  const problems = fleet.problems.deadLetters + fleet.problems.unreadable;
  const fact = (value, text) => element('li', {}, element('b', {}, format.count(value)), ` ${text}`);
  byId('facts').replaceChildren(
    fact(devices(false), devices(false) === 1 ? 'measured device' : 'measured devices'),
    fact(devices(true), devices(true) === 1 ? 'simulated device' : 'simulated devices'),
    fact(problems, problems === 1 ? 'unusable record' : 'unusable records'));
}

/** Brings the "seen … ago" texts up to date. */
export function renderAges() {
  const now = serverNow();
  for (const seen of document.querySelectorAll('[data-seen]')) {
    const text = seen.dataset.seen ? `seen ${format.ago(Number(seen.dataset.seen), now)}` : 'not seen yet';
    if (seen.textContent !== text) seen.textContent = text;
  }
}
