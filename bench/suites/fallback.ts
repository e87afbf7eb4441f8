import type { FallbackSourceOptions } from '../../src/index.ts';
import { floorInterceptor } from '../grpc/floor-call.ts';
import {
  connectInference,
  Inference,
  inLanes,
  MODEL_INFER,
  MODEL_INFER_NAME,
  PREDICTION,
  predict,
  stubInference,
} from '../grpc/inference.ts';
import { startLoopbackServer } from '../grpc/start-server.ts';
import { type Measurement, measurement } from '../harness/metric.ts';
import { type PairedResult, pairedRounds, type Subject } from '../harness/paired.ts';
import type { PackageEntry, SuiteContext } from '../harness/suite.ts';
import { openCockatiel, openOpossum } from '../peers/fallbacks.ts';

/** Calls under way at a time, in the busy variant. */
const LANES = 50;

/** What a client asks: the class of one flower. */
const REQUEST = {
  model_name: 'iris',
  inputs: [{ name: 'x', datatype: 'FP32', shape: [1, 4], contents: { fp32_contents: [5.1, 3.5, 1.4, 0.2] } }],
};

/** Ours, by the source that answers. */
const SOURCES: Readonly<Record<string, FallbackSourceOptions>> = {
  message: { message: PREDICTION },
  lastGood: { lastGood: { maxAge: '1h' } },
  'lastGood.fields': { lastGood: { maxAge: '1h', key: ['model_name'] } },
};

const WHAT: Readonly<Record<string, string>> = {
  'floor.same': 'the floor, one object for all',
  'floor.copy': 'the floor, a copy for each',
  'floor.lookup': 'the floor, a copy of what a Map has for the serialised request',
  message: 'message',
  lastGood: 'lastGood',
  'lastGood.fields': 'lastGood by [model_name]',
  answered: 'answered over loopback, no interceptor',
  opossum: "opossum's fallback, no client, one object for all",
  cockatiel: "cockatiel's fallback, no client, one object for all",
};

/** A rejected call that a fallback answers, beside the least that could answer it, answered calls and the peers; and what it costs to remember answers. */
export async function suite({ entry, rounds }: SuiteContext): Promise<Measurement[]> {
  const server = await startLoopbackServer();
  const wire = connectInference(server.target);
  const onWire = () => predict(wire, REQUEST);
  const peers = { opossum: openOpossum(onWire, () => PREDICTION), cockatiel: await openCockatiel(onWire, () => PREDICTION) };
  try {
    const calls: Record<string, () => Promise<unknown>> = {
      'floor.same': floor(() => PREDICTION),
      'floor.copy': floor(freshCopy()),
      'floor.lookup': floor(lookedUp()),
      ...(await rejected(entry)),
      answered: onWire,
      opossum: peers.opossum.call,
      cockatiel: peers.cockatiel.call,
    };
    for (const call of Object.values(calls)) await call();
    const result = await pairedRounds(
      Object.entries(calls).flatMap(([name, call]): Subject[] => [
        { name: `one.${name}`, run: (count) => inLanes(1, count, call) },
        { name: `fifty.${name}`, run: (count) => inLanes(LANES, count, call) },
      ]),
      rounds,
    );
    return [
      ...figures(result, Object.keys(calls), 'one', 'one at a time'),
      ...figures(result, Object.keys(calls), 'fifty', `${LANES} at a time`),
      ...(await remembering(entry, rounds)),
    ];
  } finally {
    for (const peer of Object.values(peers)) peer.stop();
    wire.close();
    server.stop();
  }
}

function floor(message: (request: unknown) => unknown): () => Promise<unknown> {
  const client = connectInference('stub', { channelOverride: stubInference(), interceptors: [floorInterceptor(message)] });
  return () => predict(client, REQUEST);
}

/** As every call of ours gets one: no two callers share an object. */
function freshCopy(): () => unknown {
  const bytes = MODEL_INFER.responseSerialize(PREDICTION);
  return () => MODEL_INFER.responseDeserialize(bytes);
}

/** The least that remembers: it tells requests apart by all that they say, and callers, times and sizes not at all. */
function lookedUp(): (request: unknown) => unknown {
  const keyOf = (request: unknown) => MODEL_INFER.requestSerialize(request as object).toString('latin1');
  const answers = new Map([[keyOf(REQUEST), MODEL_INFER.responseSerialize(PREDICTION)]]);
  return (request) => MODEL_INFER.responseDeserialize(answers.get(keyOf(request)) as Buffer);
}

/** Calls that an open breaker refuses, by the source that answers them. */
async function rejected(entry: PackageEntry): Promise<Record<string, () => Promise<unknown>>> {
  const calls: Record<string, () => Promise<unknown>> = {};
  for (const [name, source] of Object.entries(SOURCES)) {
    const { call, breakers } = stubbed(entry, source);
    // A good answer, which is remembered.
    await call();
    for (const breaker of breakers.list()) breaker.override('forcedOpen');
    if (entry.fallbackOf(await call()) === undefined) throw new Error(`no fallback of ${name} answered`);
    calls[name] = call;
  }
  return calls;
}

/** A client of the stubbed transport with one fallback source, or none. */
function stubbed(entry: PackageEntry, source?: FallbackSourceOptions) {
  const fallback = source === undefined ? {} : { fallback: { sources: [source] } };
  const breakers = entry.createBreakers(
    { methods: [{ name: [MODEL_INFER_NAME], ...fallback }] },
    { services: [Inference.service] },
  );
  const client = connectInference('stub', { ...breakers.clientOptions('stub'), channelOverride: stubInference() });
  return { breakers, call: (request: object = REQUEST) => predict(client, request) };
}

function figures(result: PairedResult, names: readonly string[], load: string, how: string): Measurement[] {
  const of = (name: string) => `${load}.${name}`;
  const us = (samples: readonly number[]) => samples.map((ns) => ns / 1e3);
  const ratio = (name: string, other: string, what: string) =>
    measurement(
      `fallback.${load}.${name} / ${other}`,
      `${how}: ${WHAT[name]}, of ${what}`,
      'ratio',
      result.ratio(of(name), of(other)),
    );
  return [
    ...names.map((name) => measurement(`fallback.${load}.${name}`, `${how}: ${WHAT[name]}`, 'us', us(result.cost(of(name))))),
    ...['answered', ...Object.keys(SOURCES)].map((name) =>
      measurement(`fallback.${load}.${name}.elapsed`, `${how}: ${WHAT[name]}, elapsed`, 'us', us(result.elapsed.cost(of(name)))),
    ),
    ratio('lastGood', 'floor.lookup', 'the floor that looks it up'),
    ...Object.keys(SOURCES).flatMap((name) => [
      ratio(name, 'floor.copy', 'the floor with copies'),
      ratio(name, 'floor.same', 'the floor with one object'),
      ratio(name, 'answered', 'an answered call'),
      measurement(
        `fallback.${load}.${name} / answered.elapsed`,
        `${how}: ${WHAT[name]}, of an answered call, elapsed`,
        'ratio',
        result.elapsed.ratio(of(name), of('answered')),
      ),
    ]),
  ];
}

/** What lastGood costs the calls that are answered, over the same calls without it. */
async function remembering(entry: PackageEntry, rounds: SuiteContext['rounds']): Promise<Measurement[]> {
  const plain = stubbed(entry);
  const message = stubbed(entry, SOURCES['message']);
  const whole = stubbed(entry, SOURCES['lastGood']);
  const fields = stubbed(entry, SOURCES['lastGood.fields']);
  const seldom = stubbed(entry, { lastGood: { maxAge: '1h', key: ['model_name'], refreshAfter: '1s' } });
  const many = stubbed(entry, SOURCES['lastGood']);
  let id = 0;
  const subjects: Record<string, { what: string; call: () => Promise<unknown> }> = {
    none: { what: 'answered by the stubbed transport, no fallback', call: plain.call },
    message: { what: 'the same with a fallback message', call: message.call },
    whole: { what: 'the same with lastGood, key: all of the request', call: whole.call },
    many: { what: 'the same, each request another one', call: () => many.call({ ...REQUEST, id: String(id++) }) },
    fields: { what: 'the same with lastGood, key: [model_name]', call: fields.call },
    seldom: { what: 'the same, refreshAfter: 1s', call: seldom.call },
  };
  const result = await pairedRounds(
    Object.entries(subjects).map(([name, { call }]): Subject => ({ name, run: (count) => inLanes(1, count, () => call()) })),
    rounds,
  );
  return Object.entries(subjects).map(([name, { what }]) =>
    name === 'none'
      ? measurement('fallback.store.none', what, 'ns', result.cost(name))
      : measurement(`fallback.store.${name} - none`, `${what}, over none`, 'ns', result.difference(name, 'none')),
  );
}
