import { CONTENDER_NAMES, contenders } from '../grpc/contenders.ts';
import { HandDriven, microtask } from '../grpc/hand-driven.ts';
import { RawClient, stubRaw } from '../grpc/raw-client.ts';
import { STREAM_MESSAGES } from '../grpc/raw-service.ts';
import { type Measurement, measurement } from '../harness/metric.ts';
import { pairedRounds, type Subject } from '../harness/paired.ts';
import type { SuiteContext } from '../harness/suite.ts';

/** What the interceptor adds to a call: of a real client whose connection is stubbed, and driven by hand without a client. */
export async function suite({ entry, rounds }: SuiteContext): Promise<Measurement[]> {
  const byHand = contenders(entry, 'stub').flatMap(({ name, options: { interceptors = [] } }): Subject[] =>
    interceptors.map((interceptor) => ({ name, run: callByHand(new HandDriven(interceptor)) })),
  );
  const unary = contenders(entry, 'stub').map(({ name, options }): Subject => {
    const client = new RawClient('stub', { ...options, channelOverride: stubRaw(1) });
    return {
      name,
      async run(calls) {
        for (let call = 0; call < calls; call++) await client.unary();
      },
    };
  });
  const serverStream = contenders(entry, 'stub').map(({ name, options }): Subject => {
    const client = new RawClient('stub', { ...options, channelOverride: stubRaw(STREAM_MESSAGES) });
    return {
      name,
      async run(calls) {
        for (let call = 0; call < calls; call++) await client.serverStream();
      },
    };
  });
  return [
    ...(await compare('unary', 'unary', unary, rounds)),
    ...(await compare('hand', 'unary by hand', byHand, rounds)),
    ...(await compare('serverStream', `server stream of ${STREAM_MESSAGES}`, serverStream, rounds)),
  ];
}

function callByHand(hand: HandDriven): Subject['run'] {
  const request = { model_name: 'iris' };
  return async (calls) => {
    for (let call = 0; call < calls; call++) {
      hand.call(request);
      if ((call & 15) === 15) await microtask;
    }
  };
}

async function compare(
  id: string,
  call: string,
  subjects: readonly Subject[],
  rounds: SuiteContext['rounds'],
): Promise<Measurement[]> {
  const result = await pairedRounds(subjects, rounds);
  const names = subjects.map(({ name }) => name);
  const bases = ['noop', 'none'].filter((name) => names.includes(name));
  const over = (name: string, base: string) =>
    measurement(
      `interceptor.${id}.${name} - ${base}`,
      `${call}: ${CONTENDER_NAMES[name]}, over ${CONTENDER_NAMES[base]}`,
      'ns',
      result.difference(name, base),
    );
  return [
    ...names.map((name) =>
      measurement(`interceptor.${id}.${name}`, `${call}: whole call, ${CONTENDER_NAMES[name]}`, 'ns', result.cost(name)),
    ),
    ...names.flatMap((name) => bases.filter((base) => base !== name && name !== 'none').map((base) => over(name, base))),
  ];
}
