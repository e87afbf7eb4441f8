const UNITS = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1_000],
] as const;

/** A span of time in at most two units, such as `340 ms`, `4.2 s`, `1m 20s`, `3h 5m`. */
export function formatMs(ms: number): string {
  if (ms < 10) return `${Number(ms.toPrecision(2))} ms`;
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 9_950) return `${(ms / 1000).toFixed(1)} s`;
  if (ms < 59_500) return `${Math.round(ms / 1000)} s`;
  const whole = Math.max(ms, 60_000);
  const at = UNITS.findIndex(([, size]) => whole >= size);
  const [unit, size] = UNITS[at] ?? UNITS[2];
  const [lesser, lesserSize] = UNITS[at + 1] ?? UNITS[3];
  const rest = Math.floor((whole % size) / lesserSize);
  const main = `${Math.floor(whole / size)}${unit}`;
  return rest === 0 ? main : `${main} ${rest}${lesser}`;
}

/** A share of 0 to 1, such as `0.04%`, `3.2%`, `50%`. */
export function formatShare(share: number): string {
  const percent = share * 100;
  if (percent === 0 || percent >= 9.95) return `${Math.round(percent)}%`;
  return `${percent < 0.1 ? Number(percent.toPrecision(1)) : Math.round(percent * 10) / 10}%`;
}

/** A count, such as `950`, `12.4k`, `3.1M`. */
export function formatCount(count: number): string {
  if (count < 10_000) return String(count);
  return count < 999_950 ? `${trimmed(count / 1000)}k` : `${trimmed(count / 1_000_000)}M`;
}

/** Events in a second, such as `0`, `0.3`, `42`, `1.2k`. */
export function formatRate(perSecond: number): string {
  if (perSecond === 0 || perSecond >= 9.95) return formatCount(Math.round(perSecond));
  return perSecond < 0.05 ? '<0.1' : String(Math.round(perSecond * 10) / 10);
}

/** `1 breaker`, `2 breakers`. */
export function formatNumber(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}

function trimmed(value: number): string {
  return value < 99.95 ? String(Math.round(value * 10) / 10) : String(Math.round(value));
}
