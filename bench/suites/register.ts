import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { promisify } from 'node:util';
import { type ClientOptions, InterceptingCall, type Interceptor } from '@grpc/grpc-js';
import { createBreakers } from '../../src/index.ts';
import { RawClient, stubRaw } from '../grpc/raw-client.ts';
import { type Measurement, measurement } from '../harness/metric.ts';
import { pairedRounds, type Subject } from '../harness/paired.ts';
import type { SuiteContext } from '../harness/suite.ts';

/**
 * What register costs, with the default policy: a call, beside the same call of a client that is attached by hand (of the sources), and the start of a process
 * (of the built package, where there is one: from sources, Node takes the types off at each start).
 */
export async function suite({ rounds, isQuick }: SuiteContext): Promise<Measurement[]> {
  return [...(await calls(rounds)), ...(await starts(isQuick ? 1 : 15))];
}

/** The module whose function makes the calls of all clients. */
interface CallMaker {
  getInterceptingCall: unknown;
}

/** A client's own interceptor, as applications have them. */
const own: Interceptor = (options, nextCall) => new InterceptingCall(nextCall(options));

async function calls(rounds: SuiteContext['rounds']): Promise<Measurement[]> {
  const maker = createRequire(import.meta.url)('@grpc/grpc-js/build/src/client-interceptors.js') as CallMaker;
  const original = maker.getInterceptingCall;
  await import('../../src/register.ts');
  const registered = maker.getInterceptingCall;
  if (registered === original) throw new Error('register has replaced nothing');
  // Its breakers are made in the next turn.
  await new Promise(setImmediate);
  const byHand = createBreakers({}, {});
  const subject = (name: string, options: ClientOptions, make: unknown): Subject => {
    const client = new RawClient('stub', { ...options, channelOverride: stubRaw(1) });
    return {
      name,
      async run(count) {
        maker.getInterceptingCall = make;
        for (let done = 0; done < count; done++) await client.unary();
      },
    };
  };
  const withOwn = { interceptors: [own] };
  const result = await pairedRounds(
    [
      subject('none', {}, original),
      subject('byHand', byHand.clientOptions('stub'), original),
      subject('registered', {}, registered),
      subject('own.none', withOwn, original),
      subject('own.byHand', byHand.clientOptions('stub', withOwn), original),
      subject('own.registered', withOwn, registered),
    ],
    rounds,
  );
  byHand.dispose();
  return ['', 'own.'].flatMap((prefix) => {
    const what = prefix === '' ? 'unary' : 'unary, with an interceptor of its own';
    const [none, hand, all] = [`${prefix}none`, `${prefix}byHand`, `${prefix}registered`];
    return [
      measurement(`register.${none}`, `${what}: whole call, no breaker`, 'ns', result.cost(none)),
      measurement(`register.${hand}`, `${what}: whole call, attached by hand`, 'ns', result.cost(hand)),
      measurement(`register.${all}`, `${what}: whole call, registered`, 'ns', result.cost(all)),
      measurement(`register.${all} - byHand`, `${what}: registered, over by hand`, 'ns', result.difference(all, hand)),
      measurement(`register.${all} / byHand`, `${what}: registered, beside by hand`, 'ratio', result.ratio(all, hand)),
    ];
  });
}

const GRPC = "import { Client, credentials } from '@grpc/grpc-js';";
const CLIENT = "new Client('127.0.0.1:1', credentials.createInsecure()";

/** What starts are measured of. */
const BUILT = existsSync('dist/register.js');
const ENTRY = BUILT
  ? { register: './dist/register.js', main: './dist/index.js' }
  : { register: './src/register.ts', main: './src/index.ts' };
const FLAGS = ['--import', ENTRY.register];

/** Programs that do nothing but start. */
const PROGRAMS = {
  empty: { what: 'an empty process', flags: [], code: '' },
  'empty.registered': { what: 'an empty process, registered', flags: FLAGS, code: '' },
  client: { what: 'a process with a client', flags: [], code: `${GRPC} ${CLIENT});` },
  'client.registered': {
    what: 'a process with a client, registered',
    flags: FLAGS,
    code: `${GRPC} ${CLIENT});`,
  },
  'client.byHand': {
    what: 'a process with a client, attached by hand',
    flags: [],
    code: `${GRPC} import { createBreakers } from '${ENTRY.main}'; ${CLIENT}, createBreakers().clientOptions('127.0.0.1:1'));`,
  },
} as const;

type Program = keyof typeof PROGRAMS;

/** By turns, so that whatever slows the machine down slows all of them. */
async function starts(rounds: number): Promise<Measurement[]> {
  const names = Object.keys(PROGRAMS) as Program[];
  const took = new Map<Program, number[]>(names.map((name) => [name, []]));
  for (let round = 0; round <= rounds; round++) {
    for (const name of round % 2 === 0 ? names : names.toReversed()) {
      const us = await start(name);
      // The first round fills the caches of files.
      if (round > 0) took.get(name)?.push(us);
    }
  }
  const of = (name: Program): readonly number[] => took.get(name) ?? [];
  const difference = (name: Program, other: Program) => of(name).map((us, round) => us - (of(other)[round] as number));
  return [
    ...names.map((name) =>
      measurement(`register.start.${name}`, `start of ${PROGRAMS[name].what}${BUILT ? '' : ', from sources'}`, 'us', of(name)),
    ),
    measurement('register.start.empty.added', 'register adds to an empty process', 'us', difference('empty.registered', 'empty')),
    measurement(
      'register.start.client.added',
      'register adds to one with a client',
      'us',
      difference('client.registered', 'client'),
    ),
    measurement(
      'register.start.byHand.added',
      'attaching by hand adds to one with a client',
      'us',
      difference('client.byHand', 'client'),
    ),
  ];
}

/** The CPU time of a process from its start to its end, in microseconds. */
async function start(name: Program): Promise<number> {
  const { flags, code } = PROGRAMS[name];
  const report = 'process.on("exit", () => { const { user, system } = process.cpuUsage(); console.log(user + system); });';
  const program = `${code}\n${report}\nsetImmediate(() => setImmediate(() => process.exit()));`;
  const args = [...flags, '--input-type=module', '--eval', program];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  return Number(stdout);
}
