// The tables of the selected class, and the records that could not be used.

import { byId, cell, element, fillTable, setText, span } from './dom.js';
import * as format from './format.js';
import { effect, fleet, inForce, isTrial, samples } from './state.js';

const line = (text) => span('line', text);
const note = (text, tone = '') => span(`note ${tone}`, text);

function measured(epoch) {
  return epoch === null ? [format.ABSENT] : [format.duration(epoch.p50Nanos), span('beside', `n ${format.count(epoch.samples)}, epoch ${epoch.epoch}`)];
}

export function renderEffect(owner) {
  const rows = owner.models.filter((model) => model.epochs.length).map((model) => {
    const { before, now } = effect(model);
    const change = before ? format.change(before.p50Nanos, now.p50Nanos) : { text: 'no earlier epoch', tone: 'change-none' };
    const energy = before && before.energyMicrojoules !== null && now.energyMicrojoules !== null
      ? `${format.energy(before.energyMicrojoules)} → ${format.energy(now.energyMicrojoules)}`
      : format.energy(now.energyMicrojoules);
    return element('tr', {},
      cell('Model', '', model.model),
      cell('Before', 'number', element('span', {}, ...measured(before))),
      cell('Now', 'number', element('span', {}, ...measured(now))),
      cell('Change', `number ${change.tone}`, change.text),
      cell('Energy', 'number', energy));
  });
  const taken = samples(owner);
  setText('effect-samples', `samples: ${format.count(taken.policy)} of the policy, ${format.count(taken.explored)} of exploration; set aside: ${format.count(taken.cold)} warm-up, ${format.count(taken.invalid)} invalid`);
  fillTable('effect', rows, taken.invalid > 0 ? 'Every sample so far was set aside as disturbed by other load, throttled or fallen back.' : 'No window has been aggregated for this class yet.');
}

function why(policy) {
  const published = policy.published;
  const parts = [line(published ? published.reason : policy.epoch === 0 ? 'What the devices start with.' : 'Only acknowledgements or rollout events of this epoch are known.')];
  if (published?.fit) {
    const fit = published.fit;
    parts.push(note(`fit: dispatch ${format.duration(fit.dispatchSeconds * 1e9)} (${format.duration(fit.dispatchLowSeconds * 1e9)} to ${format.duration(fit.dispatchHighSeconds * 1e9)}), `
      + `CPU ${format.scaled(fit.cpuMacsPerSecond, 'MAC/s')}, accelerator ${format.scaled(fit.acceleratorMacsPerSecond, 'MAC/s')}; `
      + `${format.count(fit.cpuSamples + fit.acceleratorSamples)} samples over ${fit.distinctRegions} regions, median error ${format.percent(fit.medianRelativeError)}`));
  }
  return element('span', {}, ...parts);
}

function predicted(published) {
  if (!published || published.predictedBeforeNanos === null || published.predictedAfterNanos === null) return format.ABSENT;
  const change = format.change(published.predictedBeforeNanos, published.predictedAfterNanos);
  return element('span', {}, line(`${format.duration(published.predictedBeforeNanos)} → ${format.duration(published.predictedAfterNanos)}`), note(change.text));
}

function rollout(found) {
  if (!found) return format.ABSENT;
  const numbers = [];
  if (found.beforeP50Nanos !== null && found.afterP50Nanos !== null) {
    const change = format.change(found.beforeP50Nanos, found.afterP50Nanos);
    numbers.push(element('span', { class: 'line' }, `${format.duration(found.beforeP50Nanos)} → ${format.duration(found.afterP50Nanos)} `, span(change.tone, change.text)),
      note(`n ${format.count(found.beforeSamples)} → ${format.count(found.afterSamples)}`));
  }
  numbers.push(note(`${found.decision.toLowerCase()}: ${found.reason}`));
  return element('span', {}, ...numbers);
}

function devices(policy) {
  const acks = policy.acks;
  if (!acks) return note('no answer yet');
  const parts = [line(`${format.count(acks.applied)} applied`)];
  if (acks.refused) parts.push(element('span', { class: 'line alert' }, `${format.count(acks.refused)} refused`));
  if (acks.notMember) parts.push(note(`${format.count(acks.notMember)} not members`));
  if (acks.stale) parts.push(note(`${format.count(acks.stale)} had a newer epoch`));
  if (acks.medianReplanNanos !== null) parts.push(note(`re-planned in ${format.duration(acks.medianReplanNanos)}`));
  if (acks.lastRefusal) parts.push(note(acks.lastRefusal, 'alert'));
  return element('span', {}, ...parts);
}

export function renderPolicies(owner) {
  const current = inForce(owner);
  const rows = owner.policies.map((policy) => {
    const published = policy.published;
    const stage = published ? published.stage.toLowerCase().replace('_', ' ') + (published.membershipPerMille < 1000 ? ` ${published.membershipPerMille / 10} %` : '') : '';
    return element('tr', {},
      cell('Epoch', '', element('span', {}, element('b', {}, String(policy.epoch)), ' ',
        policy === current ? span('tag tag-force', 'in force') : published && isTrial(published) && policy.epoch > (current?.epoch ?? 0) ? span('tag tag-held', 'trial') : '', published ? note(`${format.clock(published.issuedMillis)} · ${stage}`) : '')),
      cell('Delegate if', 'rule', element('span', {}, line(policy.epoch === 0 && !published ? 'built-in thresholds' : format.thresholds(published)), published ? note(`for ${published.objective.toLowerCase()}, by ${published.issuedBy}`) : '')),
      cell('Why', 'why', why(policy)),
      cell('Predicted', 'number', predicted(published)),
      cell('Rollout', 'rollout', rollout(policy.rollout)),
      cell('Devices', 'devices', devices(policy)));
  });
  fillTable('policies', rows,
    'No thresholds have been published for this class: its devices use the built-in ones. The job publishes new ones when it has enough samples of CPU and accelerator branches.');
}

function placement(branch) {
  return span(`tag ${branch.placement === 'ACCELERATOR' ? 'tag-accelerator' : ''}`, branch.placement === 'ACCELERATOR' ? 'accelerator' : branch.placement === 'CPU' ? 'CPU' : 'unknown');
}

function share(measuredBranch) {
  if (!measuredBranch) return note('not measured yet');
  const meter = element('meter', { min: 0, max: 1, value: measuredBranch.share, 'aria-label': 'share of branch time' });
  return element('span', { class: 'share' }, meter, format.percent(measuredBranch.share));
}

/** Fills the branch table, the costliest first; returns how many rows are left out. */
export function renderBranches(detail, limit, emptyText) {
  const branches = detail ? [...detail.branches].sort((a, b) => (b.measured?.p50Nanos ?? -1) - (a.measured?.p50Nanos ?? -1)) : [];
  const rows = branches.slice(0, limit).map((branch) => element('tr', {},
    cell('Branch', '', element('span', {}, element('b', {}, branch.name), span('beside', `layer ${branch.layer}`))),
    cell('Placement', '', element('span', {}, placement(branch), branch.measured?.fallbacks ? note(`${format.count(branch.measured.fallbacks)} fell back`, 'alert') : '')),
    cell('p50', 'number', branch.measured ? element('span', {}, format.duration(branch.measured.p50Nanos), span('beside', `n ${format.count(branch.measured.samples)}`)) : format.ABSENT),
    cell('Share', '', share(branch.measured)),
    cell('N', 'number', format.count(branch.operators)),
    cell('F', 'number', format.scaled(branch.macs, 'MAC')),
    cell('B', 'number', format.bytes(branch.boundaryBytes)),
    cell('Why', 'why', branch.reason)));
  fillTable('branches', rows, emptyText);
  return branches.length - rows.length;
}

export function describePlan(plan) {
  const delegated = `${plan.delegatedRegions} of ${plan.regions} candidate regions delegated`;
  return `${format.plural(plan.operators, 'operator')}, ${format.scaled(plan.macs, 'MAC')}, ${format.plural(plan.branches, 'branch', 'branches')} in ${format.plural(plan.layers, 'layer')} (${plan.parallelLayers} parallel), ${delegated}`;
}

export function planLabel(plan) {
  return `${plan.model} · ${plan.shapeKey} · epoch ${plan.policyEpoch} · ${plan.execution.toLowerCase().replace('_', ' ')}${plan.explored ? ' · exploration' : ''} · ${plan.planId.replace(`${plan.model}-`, '').slice(0, 12)}`;
}

export function renderProblems() {
  const { problems } = fleet;
  const all = [
    ...problems.recentDeadLetters.map((problem) => ({ ...problem, by: 'job (dead letter)' })),
    ...problems.recentUnreadable.map((problem) => ({ ...problem, by: 'this dashboard' })),
  ].sort((a, b) => b.atMillis - a.atMillis).slice(0, 20);
  const rows = all.map((problem) => element('tr', {},
    cell('When', '', format.clock(problem.atMillis)),
    cell('Refused by', '', problem.by),
    cell('Record', '', `${problem.topic} [${problem.partition}] @ ${problem.offset}`),
    cell('Reason', '', problem.reason)));
  byId('problem-table').tBodies[0].replaceChildren(...rows);
  byId('problem-table').hidden = rows.length === 0;
  setText('problems-empty', rows.length === 0 ? 'None. A record that does not decode or makes no sense is listed here and stops nothing.' : '');
  const limits = problems.untracked ? `; ${format.count(problems.untracked)} more facts were beyond what this page keeps` : '';
  setText('problems-hint', `${format.plural(problems.deadLetters, 'dead letter')} of the job, ${format.count(problems.unreadable)} unreadable here${limits}`);
}
