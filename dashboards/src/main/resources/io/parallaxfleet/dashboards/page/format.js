// Numbers and times for people. Absent values are never shown as 0.

export const ABSENT = '–';

const whole = new Intl.NumberFormat('en');
const timeOfDay = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' });
const hourMinute = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' });

function digits(value) {
  const size = Math.abs(value);
  return size >= 100 ? value.toFixed(0) : size >= 10 ? value.toFixed(1) : size >= 1 ? value.toFixed(2) : value.toPrecision(2);
}

export const count = (value) => whole.format(value);
export const plural = (value, one, many = `${one}s`) => `${whole.format(value)} ${value === 1 ? one : many}`;
export const clock = (millis) => timeOfDay.format(millis);
export const minute = (millis) => hourMinute.format(millis);

export function duration(nanos) {
  if (nanos === null || nanos === undefined) return ABSENT;
  if (nanos >= 1e10) return `${digits(nanos / 1e9)} s`;
  if (nanos >= 1e5) return `${digits(nanos / 1e6)} ms`;
  return `${digits(nanos / 1e3)} µs`;
}

/** A latency or energy on an axis: no digits that carry nothing. */
export const axis = (text) => (text.startsWith('0.0') ? '0' : text.replace(/\.0+(?= )/, ''));

export function energy(microjoules) {
  if (microjoules === null || microjoules === undefined) return 'unavailable';
  if (microjoules >= 1e6) return `${digits(microjoules / 1e6)} J`;
  if (microjoules >= 1e3) return `${digits(microjoules / 1e3)} mJ`;
  return `${digits(microjoules)} µJ`;
}

export function scaled(value, unit) {
  if (value === null || value === undefined) return ABSENT;
  for (const [size, prefix] of [[1e12, 'T'], [1e9, 'G'], [1e6, 'M'], [1e3, 'k']]) {
    if (Math.abs(value) >= size) return `${digits(value / size)} ${prefix}${unit}`;
  }
  const text = value === 0 ? '0' : digits(value);
  return unit ? `${text} ${unit}` : text;
}

export function bytes(value) {
  for (const [size, unit] of [[2 ** 30, 'GiB'], [2 ** 20, 'MiB'], [2 ** 10, 'KiB']]) {
    if (value >= size) return `${digits(value / size)} ${unit}`;
  }
  return `${value} B`;
}

export function percent(ratio) {
  return ratio === null || ratio === undefined ? ABSENT : `${(100 * ratio).toFixed(Math.abs(ratio) < 0.1 ? 1 : 0)} %`;
}

// Window medians scatter by a few percent on a busy machine; a smaller change is shown, but not praised or blamed.
const NOTABLE_CHANGE = 0.05;

/** A relative change with its sign and whether less is what was wanted. */
export function change(before, after) {
  if (!(before > 0) || after === null || after === undefined) return { text: ABSENT, tone: 'change-none' };
  const ratio = after / before - 1;
  const text = `${ratio < 0 ? '−' : '+'}${Math.abs(100 * ratio).toFixed(1)} %`;
  return { text, tone: Math.abs(ratio) < NOTABLE_CHANGE ? 'change-none' : ratio < 0 ? 'change-good' : 'change-bad' };
}

export function ago(millis, nowMillis) {
  if (millis === null || millis === undefined) return 'not seen yet';
  const seconds = Math.max(0, Math.round((nowMillis - millis) / 1000));
  if (seconds < 5) return 'just now';
  if (seconds < 120) return `${seconds} s ago`;
  if (seconds < 7200) return `${Math.round(seconds / 60)} min ago`;
  return `${Math.round(seconds / 3600)} h ago`;
}

export function thresholds(published) {
  if (!published) return 'not retained by the topic';
  if (published.killSwitch) return 'built-in thresholds (kill switch)';
  if (published.mode === 'NEVER') return 'never delegate';
  return `N ≥ ${count(published.minOperators)} · F ≥ ${scaled(published.minMacs, 'MAC')} · B/F ≤ ${published.maxBytesPerMac.toPrecision(2)} B/MAC`;
}
