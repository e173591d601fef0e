// The fleet as last told by the server, and the connection that keeps it so.

export const fleet = {
  revision: 0,
  source: { state: 'CONNECTING', detail: '', missingTopics: [] },
  classes: new Map(),
  series: new Map(),
  problems: { deadLetters: 0, recentDeadLetters: [], unreadable: 0, recentUnreadable: [], untracked: 0 },
  clockOffsetMillis: 0,
  lastEventMillis: 0,
};

export const serverNow = () => Date.now() + fleet.clockOffsetMillis;

const seriesKey = (classId, model, explored) => JSON.stringify([classId, model, explored]);

/** Takes a snapshot in; points of a window that came before replace it. */
export function merge(snapshot, maxAgeMillis = 3_600_000) {
  if (snapshot.full) {
    fleet.classes.clear();
    fleet.series.clear();
  }
  fleet.revision = snapshot.revision;
  fleet.source = snapshot.source;
  fleet.problems = snapshot.problems;
  fleet.clockOffsetMillis = snapshot.nowMillis - Date.now();
  for (const owner of snapshot.classes) fleet.classes.set(owner.id, owner);
  for (const grown of snapshot.series) {
    const key = seriesKey(grown.classId, grown.model, grown.explored);
    const points = new Map((fleet.series.get(key) ?? []).map((point) => [`${point.endMillis}/${point.epoch}`, point]));
    for (const point of grown.points) points.set(`${point.endMillis}/${point.epoch}`, point);
    const sorted = [...points.values()].sort((a, b) => a.endMillis - b.endMillis || a.epoch - b.epoch);
    const newest = sorted.length ? sorted[sorted.length - 1].endMillis : 0;
    fleet.series.set(key, sorted.filter((point) => newest - point.endMillis <= maxAgeMillis).slice(-4000));
  }
}

export const points = (classId, model, explored = false) => fleet.series.get(seriesKey(classId, model, explored)) ?? [];

/** Measured classes first, then simulated, each by name. */
export function orderedClasses() {
  return [...fleet.classes.values()].sort((a, b) => a.simulated - b.simulated || a.name.localeCompare(b.name));
}

/** What the whole class runs; what a share of it tries is not in force. */
export const inForce = (owner) => owner.policies.find((policy) => policy.published && !isTrial(policy.published)) ?? null;

export const isTrial = (published) => published.membershipPerMille < 1000 && !published.killSwitch;

/** When an epoch took effect: the first device that applied it, else when it was issued. */
export function takesEffect(policy) {
  if (policy.acks && policy.acks.firstAppliedMillis) return { at: policy.acks.firstAppliedMillis, applied: true };
  return policy.published ? { at: policy.published.issuedMillis, applied: false } : null;
}

/** Latency of a model before the newest epoch that has samples, and under it. */
export function effect(model) {
  const epochs = model.epochs;
  return { before: epochs.length > 1 ? epochs[0] : null, now: epochs.length ? epochs[epochs.length - 1] : null };
}

/** Samples of all models of a class over the history. */
export function samples(owner) {
  const sum = (field) => owner.models.reduce((total, model) => total + model.samples[field], 0);
  return { policy: sum('policy'), explored: sum('explored'), cold: sum('cold'), invalid: sum('invalid') };
}

/** Opens the event stream and keeps it open; heartbeats that stay away mean that it is dead. */
export function connect(onChange, onConnection) {
  const SILENCE_MILLIS = 40_000;
  const REOPEN_MILLIS = 5_000;
  let events;
  function open() {
    events = new EventSource('/events');
    fleet.lastEventMillis = Date.now();
    events.addEventListener('state', (event) => {
      fleet.lastEventMillis = Date.now();
      merge(JSON.parse(event.data));
      onConnection(true);
      onChange();
    });
    events.addEventListener('heartbeat', () => {
      fleet.lastEventMillis = Date.now();
      onConnection(true);
    });
    events.addEventListener('error', () => {
      onConnection(false);
      if (events.readyState === EventSource.CLOSED) reopen();
    });
  }
  let reopening = 0;
  function reopen() {
    events.close();
    clearTimeout(reopening);
    reopening = setTimeout(open, REOPEN_MILLIS);
  }
  setInterval(() => {
    if (events.readyState === EventSource.OPEN && Date.now() - fleet.lastEventMillis > SILENCE_MILLIS) {
      onConnection(false);
      reopen();
    }
  }, 5_000);
  open();
}
