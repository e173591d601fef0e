// The rollout of the selected class: where it stands, what was measured, what was decided, and who asked for what.

import { byId, cell, element, fillTable, span } from './dom.js';
import * as format from './format.js';

// The last but one leaves a holdout on the thresholds before, to the end: without it nothing would be left to compare with.
const HOLDOUT_PER_MILLE = 980;
const STAGES = [['SHADOW', 'shadow'], [10, '1 %'], [50, '5 %'], [250, '25 %'], [HOLDOUT_PER_MILLE, 'all but 2 % held out'], [1000, '100 %']];
const HOLDS = ['paused', 'pinned', 'frozen'];

const note = (text) => span('note', text);
const percent = (ratio) => `${ratio < 0 ? '−' : '+'}${Math.abs(100 * ratio).toFixed(1)} %`;

/** A share of the class with at most one decimal. */
export const share = (perMille) => `${Number((perMille / 10).toFixed(1))} %`;

export function stage(of) {
  if (of.stage === 'SHADOW') return 'shadow';
  if (of.stage === 'ROLLED_BACK') return 'rolled back';
  return of.membershipPerMille === null ? of.stage.toLowerCase() : share(of.membershipPerMille);
}

/** Where the rollout of a class stands, in two or three words. */
export function standing(rollout) {
  if (rollout.underWay) return rollout.stage === 'SHADOW' ? 'in shadow' : `on ${stage(rollout)} of devices${rollout.membershipPerMille === HOLDOUT_PER_MILLE ? ', 2 % held out to compare with' : ''}`;
  const ends = { COMPLETE: 'complete', ROLLBACK: 'rolled back', ABORT: 'aborted', PIN: 'pinned' };
  return ends[rollout.last.decision] ?? 'none under way';
}

/** What froze classes last, and how many are; null where none is. */
export function freeze(owners) {
  const known = owners.filter((owner) => owner.rollout);
  const frozen = known.filter((owner) => owner.rollout.frozen);
  if (!frozen.length) return null;
  const decisions = frozen.flatMap((owner) => [...owner.rollout.decisions, ...owner.rollout.actions]).filter((of) => of.decision === 'FREEZE');
  const last = decisions.sort((a, b) => b.atMillis - a.atMillis)[0];
  const who = last ? ` Last frozen by ${last.actor} at ${format.clock(last.atMillis)}: ${last.reason}` : '';
  return `${frozen.length} of ${format.plural(known.length, 'class', 'classes')} frozen: no rollout goes further until a person releases it.${who}`;
}

export const holdTags = (rollout) => HOLDS.filter((hold) => rollout[hold]).map((hold) => span('tag tag-held', hold));

function track(rollout) {
  const reached = rollout.stage === 'SHADOW' ? 0 : STAGES.findIndex(([perMille]) => perMille === rollout.membershipPerMille);
  return element('ol', { class: 'track', 'aria-label': 'Stages of the rollout' }, ...STAGES.map(([, text], index) => {
    const item = element('li', { class: index < reached ? 'passed' : index === reached ? 'here' : '' }, text);
    if (index === reached) item.setAttribute('aria-current', 'step');
    return item;
  }));
}

function interval(what, value, low, high) {
  if (value === null || low === null || high === null) return null;
  const tone = low > 0 ? 'change-bad' : high < 0 ? 'change-good' : 'change-none';
  return element('span', { class: 'line' }, `${what} `, span(tone, percent(value)), span('beside', `${percent(low)} to ${percent(high)}`));
}

const groups = (measured) => note(`${format.plural(measured.members, 'member')} (${format.count(measured.neededMembers)} needed), control ${format.count(measured.control)}`);

// What a stage is judged by, before the word for it, and what guards beside it.
const JUDGED = { ENERGY: ['energy ', 'latency'], BALANCED: ['energy × latency ', 'latency'] };

/** The changes of a stage, each with its interval; the first is null where they are not known yet. */
function changes(measured) {
  const [of, guard] = JUDGED[measured.objective] ?? ['', 'energy'];
  return [
    interval(`${of}mean`, measured.mean, measured.meanLow, measured.meanHigh),
    interval(`${of}p95`, measured.tail, measured.tailLow, measured.tailHigh),
    interval(`${guard} (guard)`, measured.guard, measured.guardLow, measured.guardHigh),
  ];
}

function evidence(decision) {
  const measured = decision.measurement;
  if (measured) return element('span', {}, ...changes(measured), groups(measured));
  const control = decision.control;
  if (control) {
    return element('span', {},
      interval('changed models', control.change, control.low, control.high),
      decision.energy ? interval(`energy (${decision.energySource})`, decision.energy.change, decision.energy.low, decision.energy.high) : note('energy unavailable'),
      note(`${decision.objective === 'UNKNOWN' ? '' : `objective ${decision.objective.toLowerCase()}, `}control ${control.controlModels.join(', ')} (same plan): ${percent(control.machine)}`));
  }
  if (decision.beforeP50Nanos !== null && decision.afterP50Nanos !== null) {
    return element('span', {}, span('line', `p50 ${format.duration(decision.beforeP50Nanos)} → ${format.duration(decision.afterP50Nanos)}`),
      note(`n ${format.count(decision.beforeSamples)} → ${format.count(decision.afterSamples)}`));
  }
  return format.ABSENT;
}

const change = (decision) => (decision?.before && decision.after ? `${format.thresholds(decision.before)} → ${format.thresholds(decision.after)}` : null);

/** The thresholds are told where they differ from those of the decision before. */
function reason(decision, earlier) {
  const thresholds = change(decision);
  return element('span', {}, span('line', decision.reason), thresholds && thresholds !== change(earlier) ? note(thresholds) : null);
}

function head(rollout) {
  const measured = rollout.measured;
  return [
    element('p', { class: 'rollout-standing' }, element('b', {}, standing(rollout)), ' ', ...holdTags(rollout),
      note(`${rollout.rolloutId} · epoch ${rollout.epoch} · since ${format.clock(rollout.sinceMillis)}${rollout.devices === null ? '' : ` · planned for ${format.plural(rollout.devices, 'device')}`}`)),
    rollout.underWay && rollout.devices !== null ? track(rollout) : null,
    rollout.underWay && rollout.devices === null ? note('All devices at once: too few for stages with a control beside them.') : null,
    measured ? element('p', { class: 'rollout-measured' },
      measured.mean === null ? note('not compared yet') : null, ...changes(measured), groups(measured)) : null,
  ].filter((part) => part !== null);
}

export function renderRollout(owner) {
  const rollout = owner.rollout;
  byId('rollout-head').replaceChildren(...(rollout ? head(rollout) : []));
  const all = rollout ? [...rollout.decisions.map((of) => [of, false]), ...rollout.actions.map((of) => [of, true])] : [];
  const sorted = all.sort(([a], [b]) => b.atMillis - a.atMillis);
  const rows = sorted.map(([decision, asked], index) => element('tr', asked ? { class: 'asked' } : {},
    cell('When', 'short', element('span', {}, span('line', format.clock(decision.atMillis)), note(`epoch ${decision.epoch} · ${stage(decision)}`))),
    cell('Decision', '', element('span', {}, span(`tag ${decision.decision === 'ROLLBACK' || decision.decision === 'ABORT' ? 'tag-held' : ''}`, decision.decision.toLowerCase()))),
    cell('Who', 'short', asked ? element('b', {}, decision.actor) : decision.actor),
    cell('Why', 'why', reason(decision, sorted[index + 1]?.[0])),
    cell('Measured', 'number', evidence(decision))));
  fillTable('rollout', rows, 'Nothing has been decided for this class yet.');
}
