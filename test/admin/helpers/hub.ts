import * as protoLoader from '@grpc/proto-loader';
import { onTestFinished } from 'vitest';
import { HandDriven } from '../../../bench/grpc/hand-driven.ts';
import { loadDefinitions } from '../../../src/admin/definitions.ts';
import { WatchHub } from '../../../src/admin/watch-hub.ts';
import type { WatchSink } from '../../../src/admin/watcher.ts';
import { type Breakers, createBreakers } from '../../../src/index.ts';
import { ManualClock } from '../../../src/testing/index.ts';
import type { Message } from './admin-client.ts';
import { nameOf, POLICY } from './started.ts';

const definitions = loadDefinitions(protoLoader);

interface Stub {
  readonly Watch: { responseDeserialize(bytes: Buffer): Message };
}

const FILE = new URL('../../../protos/grpc_breaker/admin/v1/admin.proto', import.meta.url).pathname;
const options = { keepCase: true, longs: Number, enums: String, defaults: true, arrays: true };
const { Watch } = protoLoader.loadSync(FILE, options)['grpc_breaker.admin.v1.Admin'] as unknown as Stub;

/** A connection that takes responses when it is told to. */
export class Connection implements WatchSink {
  readonly responses: Message[] = [];
  /** Responses that it has, and has not taken. */
  waiting: (() => void)[] = [];
  hangs: boolean;
  isClosed = false;
  /** Bytes of the largest response. */
  largest = 0;

  constructor(hangs = false) {
    this.hangs = hangs;
  }

  write(response: Buffer, done: () => void): void {
    this.largest = Math.max(this.largest, response.length);
    this.responses.push(Watch.responseDeserialize(response));
    if (this.hangs) this.waiting.push(done);
    else queueMicrotask(done);
  }

  /** Goes on. */
  take(): void {
    this.hangs = false;
    for (const done of this.waiting.splice(0)) done();
  }

  close(): void {
    this.isClosed = true;
  }

  /** The states that its events tell, `a: closed > open`. */
  get transitions(): string[] {
    return this.responses.flatMap(({ events }: Message) =>
      (events as Message[])
        .filter(({ transition }) => transition !== null)
        .map(({ breaker, transition: { from, to } }) => `${breaker}: ${short(from)} > ${short(to)}`),
    );
  }

  /** Numbers of its events. */
  get sequences(): number[] {
    return this.responses.flatMap(({ events }: Message) => (events as Message[]).map(({ sequence }) => sequence as number));
  }

  /** Names of the breakers in its snapshots, and whether the last is complete. */
  get snapshot(): { names: string[]; isComplete: boolean } {
    const parts = this.responses.filter(({ snapshot }) => snapshot);
    const names = parts.flatMap(({ breakers }) => (breakers as Message[]).map(({ name }) => name as string));
    return { names, isComplete: parts.at(-1)?.['snapshot_complete'] === true };
  }

  /** What it would resume with. */
  get token(): string {
    return this.responses.findLast(({ resume_token: token }) => token !== '')?.['resume_token'] ?? '';
  }
}

function short(state: string): string {
  return state.replace('STATE_', '').toLowerCase();
}

/** A hub whose time is the test's. */
export interface TestedHub {
  readonly hub: WatchHub;
  readonly breakers: Breakers;
  readonly clock: ManualClock;
  readonly hand: HandDriven;
  readonly warnings: string[];
  /** How many messages were serialised. */
  readonly encoded: { count: number };
  /** Watches, and goes on when the first responses are there. */
  readonly watch: (
    sink: WatchSink,
    wish?: { names?: readonly string[]; status?: boolean; token?: string },
  ) => Promise<() => void>;
  /** Lets time pass, and what was to be done in it be done. */
  readonly pass: (ms: number) => Promise<void>;
  /** A person changes a breaker's state: forced open, or released and reset. */
  readonly flip: (model: string, times?: number) => void;
}

/** Makes a hub of breakers of these models. */
export async function makeHub(models: readonly string[] = ['iris', 'wine'], maxWatchers = 100): Promise<TestedHub> {
  const clock = new ManualClock(1_000);
  const warnings: string[] = [];
  const breakers = createBreakers({ maxBreakers: 100_000, ...POLICY }, { clock, telemetry: false });
  const hand = new HandDriven(breakers.interceptor('127.0.0.1:8081'));
  for (const model of models) hand.call({ model_name: model });
  const timers = new Set<{ atMs: number; run: () => void }>();
  const encoded = { count: 0 };
  const hub = new WatchHub({
    ...{ breakers, clock, maxWatchers, wallClockNow: () => 1_700_000_000_000 },
    encode: (message) => {
      encoded.count++;
      return definitions.encodeWatch(message);
    },
    later: (ms, run) => {
      const timer = { atMs: clock.now() + ms, run };
      timers.add(timer);
      return () => timers.delete(timer);
    },
    onWarning: (message) => void warnings.push(message),
  });
  onTestFinished(() => {
    hub.close();
    breakers.dispose();
  });
  const settled = async () => {
    for (let turn = 0; turn < 3; turn++) await new Promise(setImmediate);
  };
  return {
    ...{ hub, breakers, clock, hand, warnings, encoded },
    async watch(sink, { names, status = false, token = '' } = {}) {
      const end = hub.watch(names === undefined ? undefined : new Set(names), status, token, sink);
      await settled();
      return end;
    },
    async pass(ms) {
      await settled();
      clock.advance(ms);
      for (const timer of [...timers]) {
        if (timer.atMs > clock.now()) continue;
        timers.delete(timer);
        timer.run();
      }
      await settled();
    },
    flip(model, times = 1) {
      const breaker = breakers.get(nameOf(model));
      for (let time = 0; time < times; time++) {
        if (breaker?.state === 'closed') breaker.trip('by the test');
        else breaker?.reset();
      }
    },
  };
}
