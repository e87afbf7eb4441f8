/** What a signal says at one moment. */
export interface SignalReading {
  /** Whether the dependency is to be spared now. */
  readonly firing: boolean;
  /** Why, for people, where it fires. @default 'fires' */
  readonly message?: string | undefined;
  /** The value that was seen, where it is a number. */
  readonly value?: number | undefined;
  /** The value from which on it fires, where that is a number. */
  readonly threshold?: number | undefined;
  /**
   * Where it fires: the breaker stays open for so many milliseconds from now, at most an hour. What says the same again before that keeps it
   * open, without trials in between. @default 0: the breaker tries again as after any trip
   */
  readonly holdForMs?: number | undefined;
}

/** Hears a signal. Neither function throws. */
export interface SignalListener {
  /**
   * A reading. One that fires trips every breaker of the policies that name the signal, unless it is open already. It speaks for its moment only:
   * say it again for as long as it holds, once in some seconds, so that a breaker that has closed, or is new, hears it too. A signal that falls
   * silent trips nothing more.
   */
  reading(reading: SignalReading): void;
  /** There is no reading, and why. Changes no breaker; it is counted, and the first one after a reading is a warning. */
  failed(error: unknown): void;
}

/**
 * A trip signal from outside, which policies name in `trip.signal`: a driver that reports a hot GPU, a deployment under way, an alert.
 * Registered in the `signals` of `createBreakers`.
 */
export interface Signal {
  /**
   * Begins to tell a listener.
   * @param listener - what it is to tell, from now on
   * @returns a function that ends it
   */
  subscribe(listener: SignalListener): () => void;
}

/** When a Prometheus query fires, as parsed. */
export interface PrometheusConfig {
  /** Address of the server, without `/api/v1`. */
  readonly url: string;
  /** PromQL. */
  readonly query: string;
  /** Fires over this value; undefined where `below` is given. */
  readonly above: number | undefined;
  /** Fires under this value; undefined where `above` is given. */
  readonly below: number | undefined;
  /** It must hold for so many milliseconds. */
  readonly forMs: number;
  /** From query to query, and the longest that one may take, in milliseconds. */
  readonly everyMs: number;
  /** A sample older than so many milliseconds is none. */
  readonly maxAgeMs: number;
}

/** Makes the signals of `trip.prometheus`. Made by `prometheus()` of `grpc-breaker/prometheus`. */
export interface PrometheusSource {
  /** The signal of one condition. Those of the same server and query share its answers. */
  signal(config: PrometheusConfig): Signal;
}

/** How a signal stands. */
export interface SignalStatus {
  /** Its name; that of a Prometheus condition is `prometheus:` and the query. */
  readonly signal: string;
  /** The policies that name it, such as `methods[0]`. */
  readonly policies: readonly string[];
  /** Whether the last that was heard is a reading that fires. */
  readonly firing: boolean;
  /** The value of the last reading, where it is a number. */
  readonly value: number | undefined;
  /** When the last reading came, on the breakers' clock, in milliseconds; undefined before the first. */
  readonly lastReadingAtMs: number | undefined;
  /** How often there was no reading, and why not, since the breakers were made. */
  readonly errors: number;
  /** Why there is no reading now; undefined while there are readings. */
  readonly lastError: string | undefined;
}

/** A signal began to fire, fell quiet, or has no readings any more; told on each change. The first reading that does not fire is none. */
export interface SignalEvent {
  /** Tells the kinds of event apart. */
  readonly type: 'signal';
  /** Its name; that of a Prometheus condition is `prometheus:` and the query. */
  readonly signal: string;
  /** The policies that name it, such as `methods[0]`. */
  readonly policies: readonly string[];
  /** How it stands from now on. */
  readonly standing: 'quiet' | 'firing' | 'failing';
  /** The value that it saw, where it is a number. */
  readonly value: number | undefined;
  /** Why there is no reading, where it is failing. */
  readonly error: string | undefined;
  /** When, on the breakers' clock, in milliseconds. */
  readonly atMs: number;
}
