// Latency, energy and memory overhead over time, with a line where an epoch took effect.

import { byId, setText } from './dom.js';
import * as format from './format.js';
import { points, samples, serverNow, takesEffect } from './state.js';

const LINES = 6;
const MIN_SPAN_MILLIS = 120_000;
const TIME_STEPS_SECONDS = [10, 30, 60, 120, 300, 600, 1800, 3600];
const TIME_TICKS = 8;
const SPARSE_POINTS = 40;
const charts = {};

const color = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const lineColor = (index) => color(`--line-${(index % LINES) + 1}`);

/** Draws a vertical line per epoch; the label sits at the top, inside the plot. */
const epochMarkers = {
  id: 'epochMarkers',
  afterDatasetsDraw(chart, _args, options) {
    const { ctx, chartArea: area, scales } = chart;
    ctx.save();
    ctx.font = `600 11px ${Chart.defaults.font.family}`;
    for (const marker of options.markers ?? []) {
      const x = scales.x.getPixelForValue(marker.at);
      if (x < area.left || x > area.right) continue;
      ctx.strokeStyle = ctx.fillStyle = color('--marker');
      ctx.lineWidth = 1.5;
      ctx.setLineDash(marker.applied ? [] : [4, 4]);
      ctx.beginPath();
      ctx.moveTo(x, area.top);
      ctx.lineTo(x, area.bottom);
      ctx.stroke();
      if (options.labels) {
        const width = ctx.measureText(marker.label).width;
        ctx.fillText(marker.label, x + 5 + width > area.right ? x - 5 - width : x + 5, area.top + 11);
      }
    }
    ctx.restore();
  },
};

/** Ticks on round times of day: at most TIME_TICKS of them. */
function timeTicks(axis) {
  const span = (axis.max - axis.min) / 1000;
  const step = 1000 * (TIME_STEPS_SECONDS.find((seconds) => span / seconds <= TIME_TICKS) ?? Math.ceil(span / TIME_TICKS));
  axis.ticks = [];
  for (let at = Math.ceil(axis.min / step) * step; at <= axis.max; at += step) axis.ticks.push({ value: at });
}

const timeLabel = (millis, _index, ticks) =>
  (ticks.length > 1 && ticks[1].value - ticks[0].value < 60_000 ? format.clock(millis) : format.minute(millis));

function create(id, ticks, labels) {
  Chart.defaults.font.family = getComputedStyle(document.documentElement).fontFamily;
  return new Chart(byId(id), {
    type: 'line',
    data: { datasets: [] },
    plugins: [epochMarkers],
    options: {
      responsive: true,
      maintainAspectRatio: false,
      animation: false,
      parsing: false,
      normalized: true,
      interaction: { mode: 'nearest', axis: 'x', intersect: false },
      scales: {
        x: { type: 'linear', afterBuildTicks: timeTicks, ticks: { callback: timeLabel, maxRotation: 0, autoSkipPadding: 16 }, grid: { display: false } },
        y: { beginAtZero: true, ticks: { callback: ticks, maxTicksLimit: labels ? 7 : 4 } },
      },
      plugins: {
        epochMarkers: { markers: [], labels },
        legend: { display: labels, position: 'bottom', labels: { boxWidth: 18, boxHeight: 2, usePointStyle: false } },
        tooltip: {
          callbacks: {
            title: (items) => (items.length ? `window to ${format.clock(items[0].parsed.x)}` : ''),
            label: (item) => `${item.dataset.label}: ${item.raw.text}`,
          },
        },
      },
    },
  });
}

function applyTheme(chart) {
  for (const scale of Object.values(chart.options.scales)) {
    scale.ticks.color = color('--soft');
    scale.border = { color: color('--line') };
  }
  chart.options.scales.y.grid = { color: color('--line') };
  chart.options.plugins.legend.labels.color = color('--soft');
}

function line(label, index, data, extra = {}) {
  return { label, data, borderColor: lineColor(index), backgroundColor: lineColor(index), borderWidth: 2, pointRadius: data.length < SPARSE_POINTS ? 2 : 0, pointHitRadius: 8, tension: 0, ...extra };
}

const at = (point, value, text) => ({ x: point.endMillis, y: value, text });
const latencyAt = (point, nanos) => at(point, nanos / 1e6, `${format.duration(nanos)}, n ${format.count(point.samples)}, epoch ${point.epoch}`);

/** Null points break the line where windows are missing, so that a silent hour does not look like a measurement. */
function withGaps(data, source) {
  const steps = source.slice(1).map((point, i) => point.endMillis - source[i].endMillis).filter((step) => step > 0).sort((a, b) => a - b);
  const usual = steps.length ? steps[Math.floor(steps.length / 2)] : 0;
  const out = [];
  data.forEach((point, i) => {
    if (i > 0 && usual > 0 && point.x - data[i - 1].x > 6 * usual) out.push({ x: (point.x + data[i - 1].x) / 2, y: NaN, text: '' });
    out.push(point);
  });
  return out;
}

function latencyLines(owner, models) {
  if (models.length > 1) {
    return models.map((model, i) => {
      const source = points(owner.id, model);
      return line(model, i, withGaps(source.map((point) => latencyAt(point, point.p50Nanos)), source));
    });
  }
  const source = points(owner.id, models[0]);
  const explored = points(owner.id, models[0], true);
  const lines = [
    line('p50', 0, withGaps(source.map((point) => latencyAt(point, point.p50Nanos)), source), { borderWidth: 2.5 }),
    line('p90', 1, withGaps(source.map((point) => latencyAt(point, point.p90Nanos)), source), { borderWidth: 1.5 }),
    line('p99', 4, withGaps(source.map((point) => latencyAt(point, point.p99Nanos)), source), { borderWidth: 1.5, borderDash: [4, 3] }),
  ];
  if (explored.length) {
    lines.push(line('p50 of exploration runs', 2, explored.map((point) => latencyAt(point, point.p50Nanos)),
      { showLine: false, pointRadius: 3, backgroundColor: 'transparent', borderWidth: 1.5 }));
  }
  return lines;
}

function valueLines(owner, models, value, text) {
  return models.map((model, i) => {
    const source = points(owner.id, model).filter((point) => value(point) !== null);
    return line(model, i, withGaps(source.map((point) => at(point, value(point), text(point))), source));
  });
}

function show(id, lines, span, markers, emptyText, axis, labels) {
  const chart = (charts[id] ??= create(id, axis, labels));
  const drawn = lines.filter((dataset) => dataset.data.length > 0);
  chart.data.datasets = drawn;
  chart.options.scales.x.min = span.from;
  chart.options.scales.x.max = span.to;
  chart.options.plugins.epochMarkers.markers = markers;
  applyTheme(chart);
  chart.update('none');
  setText(`${id}-empty`, drawn.length === 0 ? emptyText : '');
  const last = drawn.map((dataset) => `${dataset.label} ${dataset.data[dataset.data.length - 1].text}`).join('; ');
  byId(id).setAttribute('aria-label', `${byId(`${id}-title`).textContent} of ${id === 'latency' ? 'the selected models' : 'each model'} over time. ${last || emptyText}`);
}

/** Why there is nothing to draw. */
function emptyText(owner) {
  const taken = samples(owner);
  if (taken.cold + taken.invalid > 0) {
    return `No sample to draw yet: ${format.count(taken.invalid)} were disturbed by other load, throttled or fallen back, ${format.count(taken.cold)} were warm-up.`;
  }
  return owner.devices > 0
    ? 'Devices are known, but no aggregated window has come yet. Windows come from the Flink job: check that it runs.'
    : 'No window has come yet.';
}

/** Draws the charts of a class for one model or all of them. */
export function renderCharts(owner, models) {
  const all = models.flatMap((model) => points(owner.id, model));
  const now = serverNow();
  const from = all.reduce((least, point) => Math.min(least, point.endMillis), now - MIN_SPAN_MILLIS);
  const span = { from, to: Math.max(now, all.reduce((most, point) => Math.max(most, point.endMillis), 0)) };
  const markers = owner.policies
    .map((policy) => ({ policy, effect: takesEffect(policy) }))
    .filter(({ effect }) => effect !== null)
    .map(({ policy, effect }) => ({ at: effect.at, applied: effect.applied, label: `epoch ${policy.epoch}${effect.applied ? ' applied' : ' issued'}` }));

  const waiting = emptyText(owner);
  show('latency', latencyLines(owner, models), span, markers, waiting, (value) => format.axis(format.duration(value * 1e6)), true);
  setText('latency-hint', models.length > 1 ? 'p50 per model, per window' : models.length ? `${models[0]} · quantiles per window` : '');

  const sources = [...new Set(all.filter((point) => point.energyMicrojoules !== null).map((point) => point.energySource))];
  show('energy', valueLines(owner, models, (point) => point.energyMicrojoules, (point) => format.energy(point.energyMicrojoules)),
    span, markers, all.length ? 'Unavailable: these devices have no energy meter.' : waiting, (value) => format.axis(format.energy(value)), false);
  setText('energy-hint', sources.length ? `source: ${sources.join(', ')}` : '');

  show('memory', valueLines(owner, models, (point) => point.memoryOverhead, (point) => format.percent(point.memoryOverhead)),
    span, markers, all.length ? 'Unavailable: no one-session baseline is known.' : waiting, (value) => `${Math.round(100 * value)} %`.replace('-', '−'), false);
}

/** Redraws in the colours of the scheme in force. */
export function recolor(render) {
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', render);
}
