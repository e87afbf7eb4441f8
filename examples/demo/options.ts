import { parseArgs } from 'node:util';

/** What the demo is asked to do. */
export interface DemoOptions {
  /** Length of each run, in seconds. */
  readonly seconds: number;
  /** Decides the market, and which calls a fault hits. */
  readonly seed: number;
  /** Predictions asked for each second. */
  readonly rate: number;
  /** Address of a server to use instead of the embedded one. */
  readonly server: string | undefined;
  /** The model to ask. */
  readonly model: string;
  /** Collector that gets traces and metrics. */
  readonly otlp: string | undefined;
  /** File that the calls of the run with the breaker are recorded in, for `grpc-breaker backtest`. */
  readonly record: string | undefined;
  /** A page to watch it on, and to steer it. */
  readonly dashboard: boolean;
  /** One JSON object on stdout instead of a summary for people. */
  readonly json: boolean;
  /** Only the run without the breaker. */
  readonly bareOnly: boolean;
}

/** A command line that the demo does not understand; the message says what would be right. */
export class UsageError extends Error {}

/** The shortest run in which every fault has room to show. */
const SHORTEST_SECONDS = 5;

/** What `--help` prints. */
export const HELP = `A trading bot asks a model server for a prediction on each tick, first without and then with a circuit breaker, while the
server is slowed down, hung, made to fail, and killed. Afterwards: what was protected, and demo-report.html.

npm run demo -- [flags]
  --seconds N     length of each of the two runs, at least ${SHORTEST_SECONDS} (15)
  --seed N        another market and other unlucky calls (1)
  --rate N        predictions asked for each second (500)
  --server ADDR   use this Open Inference server (MLServer, Triton, ...) instead of the embedded one; no faults are injected then
  --model NAME    the model to ask, with --server (imbalance)
  --otlp URL      send traces and metrics to this collector, such as http://127.0.0.1:4318
  --record FILE   record the calls of the run with the breaker, for grpc-breaker backtest
  --dashboard     serve a page to watch the breaker on; on a terminal it stays after the runs, until Ctrl+C
  --json          print one JSON object, the rest goes to stderr
  --no-breaker    only the run without the breaker; never a success
  --help          this text

Exit code 0: protected (nothing reached the bot late, a trip for every fault that hurt the run without the breaker, normal service
at the end). 1: not protected, or --no-breaker. 2: the demo could not run.`;

const FLAGS = {
  seconds: { type: 'string', default: '15' },
  seed: { type: 'string', default: '1' },
  rate: { type: 'string', default: '500' },
  server: { type: 'string' },
  model: { type: 'string', default: 'imbalance' },
  otlp: { type: 'string' },
  record: { type: 'string' },
  dashboard: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
  'no-breaker': { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
} as const;

/**
 * Reads the command line.
 * @returns the options, or `help` when that was asked for
 * @throws UsageError for an unknown flag or a value that makes no sense
 */
export function readOptions(args: readonly string[]): DemoOptions | 'help' {
  const { values } = parse(args);
  if (values.help) return 'help';
  if (values.server === undefined && values.model !== FLAGS.model.default) {
    throw new UsageError(`--model is for another server, named with --server; the embedded one has "${FLAGS.model.default}"`);
  }
  return {
    seconds: wholeNumber('seconds', values.seconds, SHORTEST_SECONDS, 3600),
    seed: wholeNumber('seed', values.seed, 0, 0xffff_ffff),
    rate: wholeNumber('rate', values.rate, 10, 1000),
    server: values.server === undefined ? undefined : address(values.server),
    model: values.model,
    otlp: values.otlp === undefined ? undefined : url(values.otlp),
    record: values.record === '' ? undefined : values.record,
    dashboard: values.dashboard,
    json: values.json,
    bareOnly: values['no-breaker'],
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: FLAGS, strict: true, allowPositionals: false });
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

function wholeNumber(flag: string, text: string, least: number, most: number): number {
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (value >= least && value <= most) return value;
  throw new UsageError(`--${flag} expects a whole number from ${least} to ${most}, not "${text}"`);
}

function address(text: string): string {
  if (/^\S+:\d+$/.test(text) && !text.includes('://')) return text;
  if (/^(unix|dns|ipv4|ipv6):\S+$/.test(text)) return text;
  throw new UsageError(`--server expects an address such as 127.0.0.1:8081, not "${text}"`);
}

function url(text: string): string {
  if (/^https?:\/\//.test(text) && URL.canParse(text)) return text;
  throw new UsageError(`--otlp expects a URL such as http://127.0.0.1:4318, not "${text}"`);
}
