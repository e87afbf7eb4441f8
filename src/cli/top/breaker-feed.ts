import type { ClientReadableStream, ServiceError } from '@grpc/grpc-js';
import type { Clock } from '../../core/clock.ts';
import type { AdminClient } from '../admin-client.ts';
import type { WireEvent, WireWatch } from '../admin-messages.ts';
import { type BreakerView, breakerView } from '../breaker-view.ts';
import { CliError } from '../cli-error.ts';
import { EXIT } from '../exit-codes.ts';

/** How many events are kept. */
const EVENTS = 50;
const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 5_000;

/** Hears of the feed. */
export interface FeedListener {
  /** Something is different: breakers, events, or the connection. */
  changed(): void;
  /** It cannot go on. */
  failed(error: CliError): void;
}

/** What was told of a breaker, and when. */
interface Told {
  readonly view: BreakerView;
  readonly atMs: number;
}

/** How all breakers of a process stand, by its stream of changes. Where that breaks after it was there once, it is opened again, for ever. */
export class BreakerFeed {
  readonly #client: AdminClient;
  readonly #clock: Clock;
  readonly #listener: FeedListener;
  /** The first answer has to be there by then. */
  readonly #timeoutMs: number;
  #told = new Map<string, Told>();
  /** A snapshot that is not complete yet. */
  #incoming: Map<string, Told> | undefined;
  #events: WireEvent[] = [];
  #stream: ClientReadableStream<WireWatch> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #pauseMs = FIRST_PAUSE_MS;
  #lost: { readonly why: string; readonly atMs: number } | undefined;
  #isReady = false;
  #isEnded = false;

  constructor(client: AdminClient, clock: Clock, timeoutMs: number, listener: FeedListener) {
    this.#client = client;
    this.#clock = clock;
    this.#timeoutMs = timeoutMs;
    this.#listener = listener;
  }

  /** Opens the stream. */
  start(): void {
    this.#open();
  }

  /** Ends it. Nobody is told any more. */
  end(): void {
    this.#isEnded = true;
    clearTimeout(this.#timer);
    this.#stream?.cancel();
  }

  /** Whether everything was told once. */
  get isReady(): boolean {
    return this.#isReady;
  }

  /** Why and since when there is no connection; undefined while there is one. */
  get lost(): { readonly why: string; readonly forMs: number } | undefined {
    return this.#lost && { why: this.#lost.why, forMs: this.#clock.now() - this.#lost.atMs };
  }

  /** What happened lately, the newest first. */
  get events(): readonly WireEvent[] {
    return this.#events;
  }

  /** Every breaker, with its times as of now. */
  breakers(): BreakerView[] {
    const now = this.#clock.now();
    return Array.from(this.#told.values(), ({ view, atMs }) => aged(view, now - atMs));
  }

  #open(): void {
    const stream = this.#client.watch({ status: true });
    this.#stream = stream;
    this.#incoming = undefined;
    this.#timer = setTimeout(() => stream.destroy(new Error('nothing was told in time')), this.#timeoutMs);
    stream.on('data', (response: WireWatch) => this.#take(response));
    stream.on('error', (error: ServiceError) => this.#broken(error));
    stream.on('end', () => this.#broken(undefined));
  }

  #take({ snapshot, snapshotComplete, breakers, removed, events }: WireWatch): void {
    if (this.#isEnded) return;
    const atMs = this.#clock.now();
    if (snapshot) this.#incoming ??= new Map();
    const into = this.#incoming ?? this.#told;
    for (const breaker of breakers) into.set(breaker.name, { view: breakerView(breaker), atMs });
    for (const name of removed) into.delete(name);
    this.#events = [...events.toReversed(), ...this.#events].slice(0, EVENTS);
    if (snapshotComplete) {
      this.#told = this.#incoming ?? this.#told;
      this.#incoming = undefined;
      this.#isReady = true;
      this.#lost = undefined;
      this.#pauseMs = FIRST_PAUSE_MS;
      clearTimeout(this.#timer);
    }
    if (this.#incoming === undefined) this.#listener.changed();
  }

  #broken(error: ServiceError | undefined): void {
    const stream = this.#stream;
    if (this.#isEnded || stream === undefined) return;
    this.#stream = undefined;
    stream.removeAllListeners();
    // A stream that is cancelled fails once more.
    stream.on('error', () => undefined);
    stream.cancel();
    clearTimeout(this.#timer);
    const told = error === undefined ? new CliError('the stream ended') : this.#inWords(error);
    const isHopeless = told.exitCode === EXIT.NOT_PERMITTED || (error?.code === 12 && !this.#isReady);
    if (isHopeless || !this.#isReady) {
      this.#isEnded = true;
      this.#listener.failed(told);
      return;
    }
    this.#lost ??= { why: told.message, atMs: this.#clock.now() };
    this.#timer = setTimeout(() => this.#open(), this.#pauseMs);
    this.#pauseMs = Math.min(this.#pauseMs * 2, LONGEST_PAUSE_MS);
    this.#listener.changed();
  }

  #inWords(error: ServiceError): CliError {
    if (typeof error.code === 'number') return this.#client.explain(error);
    const next = 'check --address, or give it more time by --timeout';
    return new CliError(`the admin service ${this.#client.address}: ${error.message}`, next, EXIT.UNREACHABLE, { cause: error });
  }
}

/** A breaker as it stands some time after it was told. */
function aged(view: BreakerView, ms: number): BreakerView {
  const less = (time: number | null) => (time === null ? null : Math.max(0, time - ms));
  const { override, modeOverride } = view;
  return {
    ...view,
    inStateMs: view.inStateMs + ms,
    nextTrialInMs: less(view.nextTrialInMs),
    override: override && { ...override, endsInMs: less(override.endsInMs) },
    modeOverride: modeOverride && { ...modeOverride, endsInMs: less(modeOverride.endsInMs) },
  };
}
