import { trace } from '@opentelemetry/api';
import { type DemoPage, openPage } from './demo-page.ts';
import { shortcomings } from './judgement.ts';
import { liveView } from './live-view.ts';
import { openModel } from './open-model.ts';
import type { DemoOptions } from './options.ts';
import { type Protection, protect } from './protection.ts';
import { writeReport } from './report/report.ts';
import { resultOf } from './result.ts';
import { type Run, type RunOptions, runOnce } from './run.ts';
import { phasesOf } from './schedule.ts';
import { ServerProcess } from './server/server-process.ts';
import { styleFor } from './style.ts';
import { summary } from './summary.ts';
import { TripTraces, whereToLook } from './trip-traces.ts';

/** What the demo is called in traces. */
const SERVICE = 'grpc-breaker-demo';

/**
 * Runs the bot without and with the breaker, shows and reports what happened.
 * @param signal - ends it early
 * @returns whether the bot was protected; false without the protected run
 * @throws Error when a server cannot be started, reached, or does not have the model
 */
export async function runDemo(options: DemoOptions, signal: AbortSignal): Promise<boolean> {
  const out = options.json ? process.stderr : process.stdout;
  const stopTelemetry =
    options.otlp === undefined
      ? undefined
      : (await import('../telemetry.ts')).startTelemetry({ service: SERVICE, otlp: options.otlp, traceCalls: false });
  const traces = options.otlp === undefined ? undefined : new TripTraces();
  let page: DemoPage | undefined;
  try {
    const protectBot = (): Protection => protect(traces?.provider, options.record);
    // Its page can be opened before there is anything to see.
    const early = options.dashboard && !options.bareOnly ? protectBot() : undefined;
    if (early !== undefined) page = await openPage(early.breakers, options.otlp, out);
    if (options.server !== undefined) out.write('Not our server: no faults are injected. Hurt it yourself and watch.\n');
    const bare = await oneRun(options, undefined, out, signal);
    const guarded = options.bareOnly ? undefined : await oneRun(options, () => early ?? protectBot(), out, signal);
    const result = resultOf(bare, guarded);
    const missing = guarded === undefined ? [] : shortcomings(bare, guarded);
    const report = writeReport(bare, guarded, result, missing);
    out.write(`\n${summary(bare, guarded, result, missing, styleFor(out))}\n\nEach call in a picture: ${report}\n`);
    if (traces !== undefined && options.otlp !== undefined) {
      out.write(`\n${whereToLook(traces, options.otlp, SERVICE, styleFor(out))}\n`);
    }
    if (options.json) process.stdout.write(`${JSON.stringify(result)}\n`);
    await page?.stay(signal);
    return guarded !== undefined && missing.length === 0;
  } finally {
    await page?.close();
    await stopTelemetry?.();
  }
}

/** One run, with an embedded server of its own unless another one is to be used. */
async function oneRun(
  options: DemoOptions,
  protectBot: (() => Protection) | undefined,
  out: NodeJS.WriteStream,
  signal: AbortSignal,
): Promise<Run> {
  const server = options.server === undefined ? new ServerProcess(options.seed) : undefined;
  const protection = protectBot?.();
  const view = liveView(out);
  const stop = (): void => void server?.stop();
  signal.addEventListener('abort', stop);
  try {
    await server?.start();
    signal.throwIfAborted();
    const address = options.server ?? server?.address ?? '';
    const inputs = await openModel(address, options.model);
    const run: RunOptions = {
      phases: phasesOf(options.seconds, server !== undefined),
      seed: options.seed,
      rate: options.rate,
      address,
      model: options.model,
      inputs,
      server,
      protection,
      tracer: protection !== undefined && options.otlp !== undefined ? trace.getTracer('grpc-breaker-demo') : undefined,
      signal,
    };
    const finished = await runOnce(run, (started) => view.follow(started));
    signal.throwIfAborted();
    return finished;
  } finally {
    view.rest();
    signal.removeEventListener('abort', stop);
    await protection?.dispose();
    await server?.stop();
  }
}
