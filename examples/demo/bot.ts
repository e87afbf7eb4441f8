import type { ServiceError } from '@grpc/grpc-js';
import { context, type Span, SpanKind, SpanStatusCode, type Tracer, trace } from '@opentelemetry/api';
import { seededRandom } from '../random.ts';
import type { CallLog, Source } from './call-log.ts';
import type { InferResponse, Tensor } from './inference/messages.ts';
import type { InferenceClient } from './inference/service.ts';
import { features, HISTORY } from './market/features.ts';
import { orderBooks } from './market/order-book.ts';
import { actionFor } from './trader.ts';

/** A bot's work: so many ticks at a steady rate. */
export interface BotOptions {
  readonly client: InferenceClient;
  /** The model to ask, and how features become its inputs. */
  readonly model: string;
  readonly inputs: (features: readonly number[]) => readonly Tensor[];
  /** Ticks each second, and how many in all. */
  readonly rate: number;
  readonly ticks: number;
  /** Decides the market. */
  readonly seed: number;
  /** The deadline that the bot gives each call, in milliseconds; undefined leaves it to the breaker's policy. */
  readonly deadlineMs: number | undefined;
  /** Tells who gave an answer. */
  readonly sourceOf: (response: InferResponse) => Source;
  /** Gets every call. Its times count from the start of the work. */
  readonly log: CallLog;
  /** Makes a span for each call. */
  readonly tracer: Tracer | undefined;
  readonly signal: AbortSignal;
}

/** How long the bot waits for its last answers. */
const PATIENCE_MS = 2_000;

/**
 * Trades on a made-up market: asks for a prediction on each tick, whether earlier ones have been answered or not, and acts on the answer.
 * A tick that comes late because this process was busy is asked late, and its answer is timed from then.
 * @returns the longest time that this process stood still meanwhile, in milliseconds
 */
export async function trade(options: BotOptions): Promise<number> {
  const { client, log, ticks, rate, signal } = options;
  const nextFeatures = featureStream(options.seed);
  const done = Promise.withResolvers<void>();
  const start = performance.now();
  let lastWake = start;
  let longestStall = 0;

  function ask(): void {
    const request = { model_name: options.model, inputs: options.inputs(nextFeatures()) };
    const call = log.ask(performance.now() - start);
    const callOptions = options.deadlineMs === undefined ? {} : { deadline: Date.now() + options.deadlineMs };
    const span = options.tracer?.startSpan('tick', { kind: SpanKind.CLIENT, attributes: { tick: call } });
    const send = (): unknown =>
      client.ModelInfer(request, callOptions, (error, response) => {
        const atMs = performance.now() - start;
        if (response === undefined) log.answer(call, atMs, 'error', 'hold');
        else log.answer(call, atMs, options.sourceOf(response), actionFor(response));
        if (span !== undefined) endSpan(span, error);
        if (log.answered === ticks) done.resolve();
      });
    if (span === undefined) send();
    else context.with(trace.setSpan(context.active(), span), send);
  }

  const timer = setInterval(() => {
    const now = performance.now();
    longestStall = Math.max(longestStall, now - lastWake);
    lastWake = now;
    const due = Math.min(ticks, Math.floor(((now - start) * rate) / 1000) + 1);
    while (log.calls < due) ask();
  }, 1);
  const giveUp = setTimeout(done.resolve, (ticks / rate) * 1000 + PATIENCE_MS);
  signal.addEventListener('abort', () => done.resolve(), { once: true });
  await done.promise;
  clearInterval(timer);
  clearTimeout(giveUp);
  return longestStall;
}

function endSpan(span: Span, error: ServiceError | null): void {
  if (error !== null) span.setStatus({ code: SpanStatusCode.ERROR, message: error.details });
  span.end();
}

function featureStream(seed: number): () => number[] {
  const market = orderBooks(seededRandom(seed));
  const mids = Array.from({ length: HISTORY }, () => market.next().value.mid);
  return () => {
    const book = market.next().value;
    mids.push(book.mid);
    return features(book, mids.shift() ?? book.mid);
  };
}
