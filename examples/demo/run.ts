import { setTimeout as sleep } from 'node:timers/promises';
import { type ClientOptions, credentials } from '@grpc/grpc-js';
import type { Tracer } from '@opentelemetry/api';
import { trade } from './bot.ts';
import { CallLog } from './call-log.ts';
import { type FaultWindow, injectFaults } from './fault-plan.ts';
import type { Tensor } from './inference/messages.ts';
import { InferenceClass, type InferenceClient } from './inference/service.ts';
import type { Protection, StateChange } from './protection.ts';
import type { Phase } from './schedule.ts';
import type { ServerProcess } from './server/server-process.ts';

/** One run of the bot. */
export interface RunOptions {
  readonly phases: readonly Phase[];
  readonly seed: number;
  readonly rate: number;
  readonly address: string;
  readonly model: string;
  readonly inputs: (features: readonly number[]) => readonly Tensor[];
  /** The embedded server; undefined for another one, which gets no faults. */
  readonly server: ServerProcess | undefined;
  /** undefined runs the bot bare. */
  readonly protection: Protection | undefined;
  readonly tracer: Tracer | undefined;
  readonly signal: AbortSignal;
}

/** A run, while it goes on and afterwards. */
export interface Run {
  readonly title: string;
  readonly protected: boolean;
  readonly lengthMs: number;
  readonly log: CallLog;
  /** Faults as injected, so far. */
  readonly faults: readonly FaultWindow[];
  /** What the breaker did, so far. */
  readonly changes: readonly StateChange[];
  /** Milliseconds since the start; the length of the run before and after it. */
  readonly now: () => number;
  /** The longest time that the bot's own process stood still, known at the end. */
  longestStallMs: number;
}

/** The deadline that clients without a breaker have. */
const BARE_DEADLINE_MS = 1_000;
/** Calls before the start that nobody counts: a real bot, too, is warm when its market opens. Node compiles what has run a thousand times or so. */
const WARM_UP_SECONDS = 1.5;
const WARM_UP_RATE = 1_000;

/** A client that finds its server again soon after a crash, with and without a breaker. */
const CHANNEL: ClientOptions = { 'grpc.initial_reconnect_backoff_ms': 50, 'grpc.max_reconnect_backoff_ms': 100 };

/**
 * Lets the bot trade through all phases.
 * @param watch - gets the run when it starts
 */
export async function runOnce(options: RunOptions, watch: (run: Run) => void): Promise<Run> {
  const { phases, rate, seed, protection, signal } = options;
  const lengthMs = phases.at(-1)?.endMs ?? 0;
  const ticks = Math.round((lengthMs * rate) / 1000);
  const client = connect(options.address, protection);
  const work = {
    ...options,
    client,
    deadlineMs: protection === undefined ? BARE_DEADLINE_MS : undefined,
    sourceOf: protection?.sourceOf ?? (() => 'model' as const),
  };
  const faults: FaultWindow[] = [];
  const changes: StateChange[] = [];
  const log = new CallLog(ticks);
  const stopped = new AbortController();
  try {
    await ready(client);
    // Somebody else's server is asked no more than it was promised.
    const warmUpRate = options.server === undefined ? rate : WARM_UP_RATE;
    const warmUpTicks = Math.round(WARM_UP_SECONDS * warmUpRate);
    await trade({ ...work, rate: warmUpRate, ticks: warmUpTicks, log: new CallLog(warmUpTicks), tracer: undefined });
    await sleep(100, undefined, { signal });
    const start = performance.now();
    const now = (): number => performance.now() - start;
    const unsubscribe = protection?.watch((change) => changes.push({ ...change, atMs: now() }));
    const run: Run = {
      title: protection === undefined ? 'without the breaker' : 'with the breaker',
      protected: protection !== undefined,
      lengthMs,
      log,
      faults,
      changes,
      now,
      longestStallMs: 0,
    };
    watch(run);
    const either = AbortSignal.any([signal, stopped.signal]);
    const injecting = options.server && injectFaults(options.server, phases, now, faults, either);
    [run.longestStallMs] = await Promise.all([trade({ ...work, ticks, seed, log, signal: either }), injecting]);
    unsubscribe?.();
    return run;
  } finally {
    stopped.abort();
    client.close();
  }
}

function connect(address: string, protection: Protection | undefined): InferenceClient {
  const options = protection === undefined ? CHANNEL : protection.clientOptions(address, CHANNEL);
  return new InferenceClass(address, credentials.createInsecure(), options) as unknown as InferenceClient;
}

function ready(client: InferenceClient): Promise<void> {
  return new Promise((resolve, reject) => {
    client.waitForReady(Date.now() + 5_000, (error) => (error ? reject(error) : resolve()));
  });
}
