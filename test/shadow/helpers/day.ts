import { MeterProvider } from '@opentelemetry/sdk-metrics';
import type { BreakersEvent, MethodPolicyOptions, Mode } from '../../../src/index.ts';
import { ManualClock } from '../../../src/testing/index.ts';
import { attachAll, ready } from '../../grpc/helpers/attached.ts';
import { type Played, play } from '../../grpc/helpers/play.ts';
import { turns } from '../../grpc/helpers/quiet.ts';
import { type Script, scripted } from '../../grpc/helpers/script.ts';
import type { ScriptedServer } from '../../grpc/helpers/scripted-server.ts';
import { type CallType, methodName, SCRIPTED } from '../../grpc/helpers/scripted-service.ts';
import { TestMetricReader } from '../../telemetry/harness/metric-reader.ts';

/** Calls of one kind, one after the other. */
export interface Stretch {
  readonly calls: number;
  /** How they end. @default OK */
  readonly code?: number;
  /** How long each takes, on the breakers' clock. */
  readonly tookMs: number;
  /** From one to the next. */
  readonly gapMs: number;
}

/** What became of a day. */
export interface Day {
  readonly events: readonly BreakersEvent[];
  readonly played: readonly Played[];
  /** How many calls reached the server, and the deadlines that they came with. */
  readonly reached: number;
  readonly deadlines: readonly number[];
  /** The series of a metric, at the end of the day, without those that have counted nothing. */
  readonly counted: (metric: string) => Promise<string[]>;
  /** The series of `status` after each stretch. */
  readonly statuses: readonly (readonly string[])[];
}

/** Plays calls on a real server, which answers when the clock says so. */
export async function playDay(
  server: ScriptedServer,
  type: CallType,
  policy: MethodPolicyOptions,
  mode: Mode,
  stretches: readonly Stretch[],
): Promise<Day> {
  const clock = new ManualClock(1_000);
  const reader = new TestMetricReader();
  const method = methodName(type).slice(SCRIPTED.length + 1);
  const attached = attachAll(
    { methods: [{ jitter: 0, ...policy, mode, name: [{ service: SCRIPTED, method }] }] },
    { clock, random: () => 0.5, telemetry: { meterProvider: new MeterProvider({ readers: [reader] }) } },
  );
  const client = attached.connect(server.target);
  const events: BreakersEvent[] = [];
  attached.breakers.subscribe((event) => void events.push(event));
  await ready(client);
  server.forget();
  const played: Played[] = [];
  const statuses: string[][] = [];
  for (const { calls, code, tookMs, gapMs } of stretches) {
    const script: Script = { steps: true, ...(code !== undefined && { answers: 0, code, details: 'as recorded' }) };
    for (let call = 0; call < calls; call++) {
      const before = server.calls.length;
      const playing = play(client, type, { metadata: scripted(script) });
      // It is answered here, or reaches the server.
      await Promise.race([playing, asked(server, before)]);
      clock.advance(tookMs);
      server.calls[before]?.steps.go(2);
      played.push(await playing);
      clock.advance(gapMs - tookMs);
    }
    statuses.push(await reader.series('status'));
  }
  return {
    events,
    played,
    reached: server.calls.length,
    deadlines: server.calls.map(({ deadlineLeftMs }) => deadlineLeftMs),
    counted: async (metric) => (await reader.series(metric)).filter((series) => !series.endsWith(': 0')),
    statuses,
  };
}

/** Waits until the server has all of a call that it answers. */
async function asked({ calls }: ScriptedServer, index: number): Promise<void> {
  for (let turn = 0; turn < 100_000 && calls[index]?.halfClosed !== true; turn++) await turns(1);
}
