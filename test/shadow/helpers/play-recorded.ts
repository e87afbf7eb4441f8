import { type InterceptingListener, type InterceptorOptions, Metadata, status as Status } from '@grpc/grpc-js';
import { vi } from 'vitest';
import { type BreakersEvent, createBreakers, fallbackOf, type Mode } from '../../../src/index.ts';
import {
  type CallType,
  methodName,
  receivesStream,
  SCRIPTED,
  Scripted,
  sendsStream,
} from '../../grpc/helpers/scripted-service.ts';
import { FakeWire, type Sent } from './fake-wire.ts';
import { CANCELS_AFTER_MS, GRID_MS, type RecordedScript } from './recorded-script.ts';

/** What policies make of one recorded script. */
export interface Judged {
  /** Each change of state: in which cell of the grid, and why. */
  readonly changes: readonly string[];
  /** For each call, why it was refused, or would have been; `passed` else. */
  readonly verdicts: readonly string[];
  /** Who answered in place of the dependency, or would have, in order. */
  readonly fallbacks: readonly string[];
  /** The events of the shadow, as the two lists above write them. */
  readonly told: { readonly rejections: readonly string[]; readonly fallbacks: readonly string[] };
  /** What happened to the calls below the interceptor. */
  readonly sent: readonly Sent[];
  /** What their callers got, for each call: its messages and its status. */
  readonly got: readonly string[];
}

/** A multiple of all lengths of slices of windows in scripts. */
const BEGIN_MS = 1_200_000_000;
const TARGET = 'fake:1';

/** Numbers in a verdict that depend on what was judged, and not on when. */
const COUNTS = ['failures', 'calls', 'slow', 'trials', 'threshold'] as const;

/** Plays a script in virtual time. The timers of this process are fake meanwhile. */
export async function playRecorded(script: RecordedScript, mode: Mode): Promise<Judged> {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setImmediate', 'clearImmediate', 'Date'], now: BEGIN_MS });
  try {
    return await playNow(script, mode);
  } finally {
    vi.useRealTimers();
  }
}

async function playNow({ type, policy, calls }: RecordedScript, mode: Mode): Promise<Judged> {
  let draws = 0;
  const breakers = createBreakers(
    { methods: [{ ...policy, mode, name: [{ service: SCRIPTED, method: methodName(type).slice(SCRIPTED.length + 1) }] }] },
    {
      clock: { now: () => Date.now() },
      random: () => ((draws++ * 7) % 10) / 10,
      services: [Scripted.service],
      telemetry: false,
      onWarning: (message, error) => {
        throw new Error(message, { cause: error });
      },
    },
  );
  const events: BreakersEvent[] = [];
  breakers.subscribe((event) => void events.push(event));
  const breaker = () => breakers.get(`${TARGET}/${methodName(type)}`);
  const refusals = () => {
    const { rejected, wouldReject } = breaker()?.snapshot().counts ?? {};
    return { ...(mode === 'enforce' ? rejected : wouldReject) } as Record<string, number>;
  };
  const wire = new FakeWire();
  const interceptor = breakers.interceptor(TARGET);
  const verdicts: string[] = [];
  const fallbacks: string[] = [];
  const got: string[] = calls.map(() => '');
  for (const [index, recorded] of calls.entries()) {
    for (let cell = 0; cell < recorded.after; cell++) await pass(GRID_MS);
    const { deadlineMs } = recorded;
    const options = {
      method_definition: Object.values(Scripted.service).find(({ path }) => path === `/${methodName(type)}`),
      ...(deadlineMs === undefined ? {} : { deadline: Date.now() + deadlineMs }),
    } as InterceptorOptions;
    const call = interceptor(options, wire.nextCall(index, recorded, receivesStream(type)));
    const note = (message: unknown) => {
      const info = fallbackOf(message);
      if (info !== undefined && !got[index]?.includes('instead')) fallbacks.push(`${info.source} for ${info.reason}`);
    };
    const listener: InterceptingListener = {
      onReceiveMetadata: () => {},
      onReceiveMessage: (message: unknown) => {
        note(message);
        got[index] += `${(message as { text?: string } | null)?.text ?? 'none'}; `;
        call.startRead();
      },
      onReceiveStatus: ({ code, metadata }) => {
        note(metadata);
        got[index] += Status[code];
      },
    };
    const before = refusals();
    call.start(new Metadata(), listener);
    const after = refusals();
    verdicts.push(Object.keys(after).find((reason) => after[reason] !== (before[reason] ?? 0)) ?? 'passed');
    ask(call, type, recorded.model);
    if (recorded.cancelledAfter !== undefined) {
      const cancel = () => call.cancelWithStatus(Status.CANCELLED, 'Cancelled on client');
      setTimeout(cancel, recorded.cancelledAfter * GRID_MS + CANCELS_AFTER_MS);
    }
  }
  for (let cell = 0; cell < 50; cell++) await pass(GRID_MS);
  breakers.dispose();
  return {
    changes: events.flatMap((event) => (event.type === 'transition' ? changeOf(event) : [])),
    verdicts,
    fallbacks: fallbacks.toSorted(),
    told: {
      rejections: events.flatMap((event) => (event.type === 'shadow' && event.what === 'rejection' ? event.reason : [])),
      fallbacks: events
        .flatMap((event) => (event.type === 'shadow' && event.what === 'fallback' ? `${event.source} for ${event.cause}` : []))
        .toSorted(),
    },
    sent: wire.sent,
    got,
  };
}

/** What grpc-js's clients do behind `start`. */
function ask(
  call: ReturnType<ReturnType<ReturnType<typeof createBreakers>['interceptor']>>,
  type: CallType,
  model: string,
): void {
  if (sendsStream(type)) call.sendMessageWithContext({}, { model_name: model });
  else call.sendMessage({ model_name: model });
  call.halfClose();
  if (receivesStream(type)) call.startRead();
}

/** Moves time to the next line of the grid; what waits for a turn gets it. */
async function pass(ms: number): Promise<void> {
  vi.advanceTimersByTime(ms);
  await Promise.resolve();
  await Promise.resolve();
}

function changeOf({ from, to, verdict, atMs }: Extract<BreakersEvent, { type: 'transition' }>): string {
  const numbers = new Map<string, unknown>(Object.entries(verdict));
  const counts = COUNTS.flatMap((name) => (numbers.has(name) ? `${name} ${String(numbers.get(name))}` : []));
  return `${Math.floor((atMs - BEGIN_MS) / GRID_MS)}: ${from} -> ${to}: ${verdict.reason} ${counts.join(' ')}`;
}
