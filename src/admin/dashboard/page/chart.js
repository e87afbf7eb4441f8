// The last fifteen minutes of a breaker, drawn by uPlot.

import { element } from './dom.js';
import { milliseconds, rate, share, timeOfDay } from './formats.js';

// Served from the package `uplot`, which lies elsewhere than this file.
const { default: uPlot } = await import(new URL('uPlot.esm.js', import.meta.url).href);

const HEIGHT = 170;

/** Two charts, one above the other, with one cursor. */
export class Timeline {
  #charts = [];
  #data;
  #seriesKind;
  #redraw;

  constructor() {
    this.calls = element('div', { class: 'plot', role: 'img', 'aria-label': 'Calls a second by outcome, last 15 minutes' });
    this.latency = element('div', { class: 'plot', role: 'img' });
    this.latencyTitle = element('h3');
    this.readout = element('p', { class: 'readout' });
    this.node = element(
      'div',
      { class: 'timeline' },
      element('h3', { text: 'Calls a second' }),
      legend(),
      this.calls,
      this.latencyTitle,
      this.latency,
      this.readout,
    );
    this.#redraw = () => {
      this.#destroy();
      if (this.#data !== undefined) this.update(this.#data);
    };
    this.dark = matchMedia('(prefers-color-scheme: dark)');
    this.dark.addEventListener('change', this.#redraw);
    this.observer = new ResizeObserver(() => {
      for (const chart of this.#charts) chart.setSize({ width: this.calls.clientWidth, height: HEIGHT });
    });
    this.observer.observe(this.calls);
  }

  close() {
    this.observer.disconnect();
    this.dark.removeEventListener('change', this.#redraw);
    this.#destroy();
  }

  /** Draws what the server remembers. */
  update(data) {
    this.#data = data;
    const kind = data.kind ?? 'none';
    if (kind !== this.#seriesKind) this.#destroy();
    this.#seriesKind = kind;
    const { calls, latency } = seriesOf(data);
    this.latency.hidden = kind === 'none';
    this.latencyTitle.textContent =
      { limit: 'Latency and its limit', usual: 'Usual latency, and from where a call is slow', slow: 'Share of slow calls' }[
        kind
      ] ?? '';
    this.latency.setAttribute('aria-label', `${this.latencyTitle.textContent}, last 15 minutes`);
    if (this.#charts.length === 0) {
      this.#charts.push(new uPlot(this.#callOptions(), calls, this.calls));
      if (kind !== 'none') this.#charts.push(new uPlot(this.#latencyOptions(kind), latency, this.latency));
    } else {
      this.#charts[0].setData(calls);
      this.#charts[1]?.setData(latency);
    }
    this.#say(null);
  }

  #destroy() {
    for (const chart of this.#charts) chart.destroy();
    this.#charts = [];
  }

  #callOptions() {
    const stepped = uPlot.paths.stepped({ align: 1 });
    const area = (name) => ({
      paths: stepped,
      points: { show: false },
      width: 1.5,
      stroke: colour(`--${name}-line`),
      fill: colour(`--${name}-area`),
    });
    return this.#options({ values: (_, ticks) => ticks.map((tick) => rate(tick)) }, [
      {},
      area('refused'),
      area('failure'),
      area('success'),
      { paths: stepped, points: { show: false }, width: 2, dash: [4, 3], stroke: colour('--fallback-line') },
    ]);
  }

  #latencyOptions(kind) {
    const text = kind === 'slow' ? share : milliseconds;
    return this.#options({ values: (_, ticks) => ticks.map((tick) => text(tick)) }, [
      {},
      { points: { show: false }, width: 2, stroke: colour('--text'), paths: uPlot.paths.stepped({ align: 1 }) },
      {
        points: { show: false },
        width: 1.5,
        dash: [6, 4],
        stroke: colour('--failure-line'),
        paths: uPlot.paths.stepped({ align: 1 }),
      },
    ]);
  }

  #options(axis, series) {
    const grid = { stroke: colour('--line'), width: 1 };
    const common = {
      stroke: colour('--dim'),
      font: `11px ${getComputedStyle(document.body).fontFamily}`,
      grid,
      ticks: { show: false },
    };
    const values = (_, ticks) => ticks.map((tick) => timeOfDay(tick * 1_000).slice(0, 5));
    return {
      ...{ width: this.calls.clientWidth || 300, height: HEIGHT, legend: { show: false }, series },
      cursor: { sync: { key: 'timeline' }, drag: { x: false, y: false }, points: { show: false } },
      scales: { y: { range: (_, __, most) => [0, most > 0 ? most * 1.1 : 1] } },
      axes: [
        { ...common, values, space: 70, size: 30 },
        { ...common, ...axis, size: 52, space: 36 },
      ],
      hooks: { drawClear: [(chart) => this.#drawStates(chart)], setCursor: [({ cursor }) => this.#say(cursor.idx)] },
    };
  }

  /** Open and half-open lie behind the lines, under a bar that is whole or dotted, so that they are told apart without colours. */
  #drawStates(chart) {
    const { state, startsMs, bucketMs } = this.#data;
    const { ctx, bbox } = chart;
    ctx.save();
    ctx.beginPath();
    ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
    ctx.clip();
    for (const { value, from: first, to: behind } of runsOf(state)) {
      const from = chart.valToPos((startsMs + first * bucketMs) / 1_000, 'x', true);
      const width = chart.valToPos((startsMs + behind * bucketMs) / 1_000, 'x', true) - from;
      ctx.fillStyle = colour(value === 2 ? '--open-band' : '--half-band');
      ctx.fillRect(from, bbox.top, width, bbox.height);
      ctx.fillStyle = colour(value === 2 ? '--bad' : '--warn');
      const height = 4 * devicePixelRatio;
      if (value === 2) ctx.fillRect(from, bbox.top, width, height);
      else for (let x = 0; x < width; x += height * 2) ctx.fillRect(from + x, bbox.top, Math.min(height, width - x), height);
    }
    ctx.restore();
  }

  /** The numbers under the cursor, in words. */
  #say(index) {
    const data = this.#data;
    const text = index === null || index === undefined || data === undefined ? '' : pointText(data, index);
    if (this.readout.textContent !== text) this.readout.textContent = text;
  }
}

/** Buckets in a row that were open, or half-open. */
function runsOf(state) {
  const runs = [];
  state.forEach((value, index) => {
    const last = runs.at(-1);
    if (!value) return;
    if (last?.value === value && last.to === index) last.to = index + 1;
    else runs.push({ value, from: index, to: index + 1 });
  });
  return runs;
}

function pointText(data, index) {
  const seconds = data.bucketMs / 1_000;
  const per = (name) => `${rate((data[name][index] ?? 0) / seconds)}/s`;
  const level = data.level[index];
  const latency =
    level === null || level === undefined ? '' : `, ${data.kind === 'slow' ? `${share(level)} slow` : milliseconds(level)}`;
  const state = ['closed', 'half-open', 'open'][data.state[index]] ?? 'not seen';
  return `${timeOfDay(data.startsMs + index * data.bucketMs)}: ${state}, ${per('success')} answered, ${per('failure')} failed, ${per('refused')} refused, ${per('fallback')} fallback${latency}`;
}

/** Areas lie on each other: the outermost comes first. The newest bucket is not over: it counts for the part that is. */
function seriesOf({ startsMs, bucketMs, now, success, failure, refused, fallback, level, limit }) {
  const times = success.map((_, index) => (startsMs + index * bucketMs) / 1_000);
  const seconds = (index) => Math.min(bucketMs, Math.max(1_000, now - (startsMs + index * bucketMs))) / 1_000;
  const stack = (...parts) =>
    success.map((value, index) =>
      value === null ? null : parts.reduce((sum, part) => sum + (part[index] ?? 0), 0) / seconds(index),
    );
  return {
    calls: [times, stack(success, failure, refused), stack(success, failure), stack(success), stack(fallback)],
    latency: [times, level, limit],
  };
}

function legend() {
  const entry = (name, text) =>
    element('span', { class: 'key' }, element('i', { class: `swatch swatch-${name}`, 'aria-hidden': 'true' }), text);
  return element(
    'p',
    { class: 'legend' },
    entry('success', 'answered'),
    entry('failure', 'failed'),
    entry('refused', 'refused'),
    entry('fallback', 'fallback answers'),
    entry('open', 'open'),
    entry('half', 'half-open'),
  );
}

function colour(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}
