import { countsText, refusedOf, stateStyle, stateText } from './breaker-texts.ts';
import type { BreakerView, VerdictView } from './breaker-view.ts';
import { formatMs, formatNumber, formatShare } from './formats.ts';
import { plainText } from './plain-text.ts';
import type { Style } from './terminal.ts';

type Paint = (style: Style, text: string) => string;

/** A fact: what it is about, and what it says. */
type Fact = readonly [about: string, text: string];

/**
 * All that is known of a breaker, for a person who wants to know why it is as it is.
 * @param columns - how long a line may be, Infinity in a pipe
 */
export function explainBreaker(breaker: BreakerView, columns: number, paint: Paint): string {
  const { name, verdict, inStateMs } = breaker;
  const since = `for ${formatMs(inStateMs)}`;
  const title = `${plainText(name)} is ${paint(stateStyle(breaker), stateText(breaker))} ${since}`;
  const facts: Fact[] = [
    ...fact('why', verdict === null ? 'it has never changed its state' : verdict.text),
    ...fact('numbers', numbersOf(verdict)),
    ...evidenceFacts(verdict),
    ...fact('what then', nextOf(breaker)),
    ...fact('override', overrideOf(breaker)),
    ...fact('mode', modeOf(breaker)),
    ...breaker.conditions.map((condition): Fact => ['condition', conditionText(condition)]),
    ...fact('latency', latencyOf(breaker)),
    ...fact('usual', baselineOf(breaker)),
    ...callFacts(breaker),
    ...fact('trace', breaker.traceId ?? ''),
    ...fact('policy', `${breaker.policy}, for ${breaker.method} at ${breaker.target}`),
  ];
  const width = Math.max(...facts.map(([about]) => about.length));
  let before = '';
  const lines = facts.map(([about, text]) => {
    const label = about === before ? '' : about;
    before = about;
    const room = Math.max(20, columns - width - 4);
    return `  ${paint('dim', label.padEnd(width))}  ${wrapped(plainText(text), room).join(`\n${' '.repeat(width + 4)}`)}`;
  });
  return [title, ...lines].join('\n');
}

/** A text in lines that are no longer than the room for them, divided at spaces. */
function wrapped(text: string, room: number): string[] {
  const lines = [''];
  for (const word of text.split(' ')) {
    const line = lines.at(-1) ?? '';
    if (line === '') lines[lines.length - 1] = word;
    else if (line.length + 1 + word.length <= room) lines[lines.length - 1] = `${line} ${word}`;
    else lines.push(word);
  }
  return lines;
}

function fact(about: string, text: string): Fact[] {
  return text === '' ? [] : [[about, text]];
}

function numbersOf(verdict: VerdictView | null): string {
  const numbers = Object.entries(verdict?.numbers ?? {}).toSorted(([one], [other]) => (one < other ? -1 : 1));
  return numbers.map(([name, value]) => `${name} ${Number(value.toPrecision(6))}`).join(', ');
}

function evidenceFacts(verdict: VerdictView | null): Fact[] {
  const evidence = verdict?.evidence ?? null;
  if (evidence === null) return [];
  const span = evidence.spanMs === null ? '' : ` within ${formatMs(evidence.spanMs)}`;
  const codes = countsText(evidence.codes);
  const calls = evidence.calls.map(({ durationMs, failed, code }) => {
    const what = code ?? (failed ? 'failed' : 'slow');
    return durationMs === null ? what : `${what} after ${formatMs(durationMs)}`;
  });
  return [
    ['seen', `${formatNumber(evidence.bad, 'bad call')}${span}${codes === '' ? '' : `: ${codes}`}`],
    ...fact('last of them', calls.join(', ')),
  ];
}

function nextOf({ state, trialDue, nextTrialInMs, override, admittedShare }: BreakerView): string {
  if (override?.kind === 'forcedOpen') {
    const ends = override.endsInMs === null ? 'when it is released' : `in ${formatMs(override.endsInMs)}, or when it is released`;
    return `refuses every call; goes back to automatic ${ends}`;
  }
  if (state === 'open' && (trialDue || nextTrialInMs === 0)) return 'the next call is a trial';
  if (state === 'open') return nextTrialInMs === null ? 'refuses every call' : `the first trial in ${formatMs(nextTrialInMs)}`;
  if (state === 'halfOpen') return 'a few calls pass as trials; their results decide';
  return admittedShare < 1 ? `lets ${formatShare(admittedShare)} of the calls through, and more with each good one` : '';
}

function overrideOf({ override }: BreakerView): string {
  if (override === null) return '';
  const kind = override.kind === 'forcedOpen' ? 'forced open' : 'forced closed';
  return `${kind}, ${endsText(override.endsInMs)}: ${override.reason}`;
}

function modeOf({ mode, modeOverride }: BreakerView): string {
  if (modeOverride !== null) return `${mode}, not as the policy says, ${endsText(modeOverride.endsInMs)}: ${modeOverride.reason}`;
  if (mode === 'observe') return 'observe: it judges and reports, and refuses nothing';
  return mode === 'off' ? 'off: it does not judge' : '';
}

function endsText(endsInMs: number | null): string {
  return endsInMs === null ? 'without an end' : `for another ${formatMs(endsInMs)}`;
}

function conditionText({ name, value, threshold, unit, calls, slowerThanMs }: BreakerView['conditions'][number]): string {
  const amount = (number: number) => {
    if (unit === 'share') return formatShare(number);
    return unit === 'ms' ? formatMs(number) : `${Number(number.toPrecision(3))} ${unit}`;
  };
  const slow = slowerThanMs === null ? '' : `, slow is over ${formatMs(slowerThanMs)}`;
  return `${name}: ${amount(value)} of ${amount(threshold)}, over ${formatNumber(calls, 'call')}${slow}`;
}

function latencyOf({ latency }: BreakerView): string {
  if (latency === null) return '';
  const { p50Ms, p99Ms, limitedMs, limitMs } = latency;
  const part = (label: string, ms: number | null) => (ms === null ? [] : [`${label} ${formatMs(ms)}`]);
  return [...part('P50', p50Ms), ...part('P99', p99Ms), ...part('limited', limitedMs), ...part('limit', limitMs)].join(', ');
}

function baselineOf({ baseline }: BreakerView): string {
  if (baseline === null || baseline.calls === 0) return '';
  const latency = baseline.latencyMs === null ? '' : `, ${formatMs(baseline.latencyMs)}`;
  return `${formatShare(baseline.errorRate)} failed, ${formatShare(baseline.slowRate)} slow${latency}`;
}

function callFacts(breaker: BreakerView): Fact[] {
  const { calls, fallbacks, ignored, inFlight } = breaker;
  const underWay = inFlight === 0 ? '' : `, ${inFlight} under way`;
  return [
    [
      'calls',
      `${calls.success} good, ${calls.failure} failed, ${calls.ignored} ignored, ${refusedOf(breaker)} refused${underWay}`,
    ],
    ...fact('refused', countsText(calls.rejected)),
    ...fact('would be refused', countsText(calls.wouldReject)),
    ...fact('ignored', countsText(ignored)),
    ...fact('fallbacks', countsText(fallbacks)),
  ];
}
