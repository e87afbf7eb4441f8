import { CONTENDER_NAMES, contenders } from '../grpc/contenders.ts';
import { RawClient, stubRaw } from '../grpc/raw-client.ts';
import { STREAM_MESSAGES } from '../grpc/raw-service.ts';
import { type Measurement, measurement } from '../harness/metric.ts';
import { pairedRounds, type Subject } from '../harness/paired.ts';
import type { SuiteContext } from '../harness/suite.ts';

/** What the interceptor adds to a call of a real client whose connection is stubbed. */
export async function suite({ entry, rounds }: SuiteContext): Promise<Measurement[]> {
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
    ...(await compare('serverStream', `server stream of ${STREAM_MESSAGES}`, serverStream, rounds)),
  ];
}

async function compare(
  id: string,
  call: string,
  subjects: readonly Subject[],
  rounds: SuiteContext['rounds'],
): Promise<Measurement[]> {
  const result = await pairedRounds(subjects, rounds);
  const names = subjects.map(({ name }) => name);
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
    over('noop', 'none'),
    ...names.filter((name) => name.startsWith('ours')).flatMap((name) => [over(name, 'noop'), over(name, 'none')]),
  ];
}
