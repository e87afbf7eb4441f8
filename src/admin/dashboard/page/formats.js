// Numbers and times as people read them. Columns stay aligned: each format has few widths.

/** A share, `3.4%`; a small one is never told as none. */
export function share(value) {
  if (value === 0) return '0%';
  if (value < 0.001) return '<0.1%';
  const percent = value * 100;
  return `${percent < 9.95 ? percent.toFixed(1).replace(/\.0$/, '') : Math.round(percent)}%`;
}

/** Milliseconds, `43 ms`, `1.2 s`. */
export function milliseconds(value) {
  if (value >= 9_995) return `${Math.round(value / 1_000)} s`;
  if (value >= 995) return `${(value / 1_000).toFixed(1)} s`;
  return `${value >= 10 ? Math.round(value) : Number(value.toPrecision(2))} ms`;
}

/** A span, `40 ms`, `8 s`, `2 min`, `3 h 5 min`. */
export function span(ms) {
  if (ms > 0 && ms < 995) return `${Math.round(ms)} ms`;
  const seconds = Math.max(0, Math.round(ms / 1_000));
  if (seconds < 90) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 10) return `${minutes} min ${seconds % 60} s`;
  if (minutes < 90) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours} h ${minutes % 60} min` : `${Math.floor(hours / 24)} days`;
}

/** Something per second, `12`, `0.4`, `1.2k`. */
export function rate(value) {
  if (value >= 9_950) return `${Math.round(value / 1_000)}k`;
  if (value >= 995) return `${(value / 1_000).toFixed(1)}k`;
  if (value >= 9.95 || value === 0) return String(Math.round(value));
  return value < 0.1 ? '<0.1' : value.toFixed(1);
}

/** A whole number with thin spaces. */
export function count(value) {
  return String(value).replaceAll(/\B(?=(\d{3})+$)/g, '\u202f');
}

const clock = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' });

/** A time of day, to the second. */
export function timeOfDay(ms) {
  return clock.format(ms);
}

const CONDITIONS = {
  consecutiveFailures: 'failures in a row',
  failureRate: 'failure rate',
  slowCallRate: 'slow calls',
  latencySlo: 'latency limit',
  adaptive: 'change from usual',
};

/** A trip condition in words. */
export function conditionName(name) {
  return CONDITIONS[name] ?? name;
}

/** How a latency stands, and how full its measure is, 0..1. */
export function latencyText(latency) {
  if (latency === null || latency.ms === null || latency.share === null) return { text: '\u2013', limit: '', full: 0 };
  if (latency.kind === 'limit') {
    return { text: milliseconds(latency.ms), limit: `of ${milliseconds(latency.limitMs)}`, full: latency.ms / latency.limitMs };
  }
  if (latency.kind === 'usual') {
    const limit = latency.limitMs === null ? 'usual' : `usual, slow over ${milliseconds(latency.limitMs)}`;
    return { text: milliseconds(latency.ms), limit, full: 0 };
  }
  return { text: share(latency.share), limit: `over ${milliseconds(latency.slowerThanMs)}`, full: latency.share / latency.limit };
}

/** With a capital letter. */
export function capital(text) {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
