import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { status as Status } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { type BreakersEvent, type BreakersOptions, createBreakers, isConfigError, type Policy } from '../src/index.ts';
import { ManualClock } from '../src/testing/index.ts';
import { attach, connect } from './grpc/helpers/attached.ts';
import { codeOf, play } from './grpc/helpers/play.ts';
import { scripted } from './grpc/helpers/script.ts';
import { type ScriptedServer, startScriptedServer } from './grpc/helpers/scripted-server.ts';
import { CALL_TYPES, methodName, SCRIPTED, Scripted } from './grpc/helpers/scripted-service.ts';
import { ScriptedService } from './grpc/helpers/static-stub.ts';

// The entry that wires policy, fallbacks and clients.

function problemsOf(
  policy: Policy,
  options: BreakersOptions = { services: [Scripted] },
): readonly { path: string; message: string }[] {
  try {
    createBreakers(policy, { telemetry: false, ...options });
    return [];
  } catch (error) {
    if (isConfigError(error)) return error.problems;
    throw error;
  }
}

const fallback = { sources: [{ message: {} }] };

describe('createBreakers checks a policy against the services', () => {
  const ROWS: readonly {
    name: string;
    policy: Policy;
    services?: BreakersOptions['services'];
    problems: readonly [string, RegExp][];
  }[] = [
    { name: 'nothing at all', policy: {}, problems: [] },
    {
      name: 'a method that exists',
      policy: { methods: [{ name: [{ service: SCRIPTED, method: 'Unary' }], fallback }] },
      problems: [],
    },
    {
      name: 'a method that does not exist',
      policy: { methods: [{ name: [{ service: SCRIPTED, method: 'Unry' }] }] },
      problems: [['methods[0].name[0].method', /has no method Unry; did you mean Unary\?/]],
    },
    {
      name: 'a service that is not registered, without a fallback',
      policy: { methods: [{ name: [{ service: 'other.Service', method: 'Any' }] }] },
      problems: [],
    },
    {
      name: 'a service that is not registered, with a fallback',
      policy: { methods: [{ name: [{ service: 'scripted.v1.Scriptd' }], fallback }] },
      problems: [['methods[0].name[0]', /is not registered.*did you mean scripted\.v1\.Scripted\?/]],
    },
    {
      name: 'a fallback for everything without any service',
      policy: { methods: [{ fallback }] },
      services: [],
      problems: [['methods[0].name[0]', /pass its definition/]],
    },
    {
      name: 'messages for a single response',
      policy: { methods: [{ name: [{ service: SCRIPTED, method: 'Unary' }], fallback: { sources: [{ messages: [{}] }] } }] },
      problems: [['methods[0].fallback.sources[0].messages', /has a single response; expected "message"/]],
    },
    {
      name: 'a message for every method, the ones with streamed responses included',
      policy: { methods: [{ name: [{ service: SCRIPTED }], fallback }] },
      problems: [],
    },
    {
      name: 'problems of several methods, all told',
      policy: {
        methods: [
          { name: [{ service: SCRIPTED, method: 'Nope' }] },
          { name: [{ service: SCRIPTED, method: 'Unary' }], fallback: { sources: [{ message: { txt: 1 } }] } },
        ],
      },
      problems: [
        ['methods[0].name[0].method', /has no method Nope/],
        ['methods[1].fallback.sources[0].message.txt', /not a field/],
      ],
    },
  ];
  it.each(ROWS)('$name', ({ policy, services = [Scripted], problems }) => {
    const found = problemsOf(policy, { services });
    expect(found.map(({ path }) => path)).toEqual(problems.map(([path]) => path));
    for (const [index, [, text]] of problems.entries()) expect(found[index]?.message).toMatch(text);
  });

  it.each([{ source: Scripted }, { source: Scripted.service }, { source: ScriptedService }])(
    'takes constructors and definitions',
    ({ source }) => {
      expect(problemsOf({ methods: [{ name: [{ service: SCRIPTED, method: 'Nope' }] }] }, { services: [source] })).toHaveLength(
        1,
      );
    },
  );

  it.each([undefined, null, 'scripted.v1.Scripted', 42, { path: '/x' }, [Scripted]])('refuses %s as a service', (source) => {
    expect(problemsOf({}, { services: [source as never] })).toMatchObject([
      { path: 'services[0]', message: expect.stringContaining('no service definition') },
    ]);
  });
});

describe('breakers', () => {
  let server: ScriptedServer;
  beforeAll(async () => {
    server = await startScriptedServer();
  });
  afterAll(() => server.stop());

  it('protect every method with the defaults where the policy says nothing', async () => {
    const breakers = createBreakers();
    onTestFinished(() => breakers.dispose());
    const client = connect(server.target, breakers.clientOptions(server.target));
    const failing = scripted({ answers: 0, code: Status.UNAVAILABLE });
    await play(client, 'unary', { metadata: failing });
    expect(breakers.snapshot()).toMatchObject([
      { state: 'closed', mode: 'enforce', conditions: [{ condition: 'adaptive', calls: 1, value: expect.any(Number) }] },
    ]);
    expect(breakers.snapshot()[0]?.conditions[0]?.value).toBeGreaterThan(0);
  });

  it('are found by name and listed once they have been called', async () => {
    const { breakers, connect: connectTo } = attach();
    expect([breakers.list(), breakers.snapshot()]).toEqual([[], []]);
    for (const type of CALL_TYPES) await play(connectTo(server.target), type);
    const names = CALL_TYPES.map((type) => `${server.target}/${methodName(type)}`);
    expect(breakers.list().map(({ name }) => name)).toEqual(names);
    expect(breakers.snapshot().map(({ name }) => name)).toEqual(names);
    for (const name of names) expect(breakers.get(name)).toBe(breakers.list().find((breaker) => breaker.name === name));
    expect(breakers.get('another')).toBeUndefined();
  });

  it('tell their events to whoever subscribed, until they end it', async () => {
    const { breakers, open } = attach();
    const heard: BreakersEvent[] = [];
    const end = breakers.subscribe((event) => heard.push(event));
    await open(server.target, ['unary']);
    end();
    await open(server.target, ['upload']);
    expect(heard.map((event) => ('breaker' in event ? event.breaker : event.type))).toEqual([
      `${server.target}/${methodName('unary')}`,
    ]);
  });

  it('keep what listeners throw away from calls, and report it', async () => {
    const { breakers, open, connect: connectTo, warnings } = attach();
    breakers.subscribe(() => {
      throw new Error('broken');
    });
    breakers.subscribe(() => Promise.reject(new Error('broken later')));
    await open(server.target, ['unary']);
    expect(codeOf(await play(connectTo(server.target), 'unary'))).toBe(Status.UNAVAILABLE);
    expect(warnings).toEqual([
      expect.stringMatching(/a listener failed.*: broken$/),
      expect.stringMatching(/a listener failed.*: broken later$/),
    ]);
  });

  it('survive a warning handler that throws', async () => {
    const emitted = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
    onTestFinished(() => emitted.mockRestore());
    const broken = () => {
      throw new Error('broken');
    };
    const attached = attach({ key: broken, fallback: { sources: [{ function: broken }] } }, { onWarning: broken });
    const client = attached.connect(server.target);
    expect(codeOf(await play(client, 'unary'))).toBe(Status.OK);
    attached.breaker(server.target, 'unary').trip('by the test');
    expect(codeOf(await play(client, 'unary'))).toBe(Status.UNAVAILABLE);
    expect(emitted.mock.calls.map(([message]) => message)).toEqual(Array(2).fill('the onWarning handler itself failed'));
  });

  it('take their time and their chance from where they are told', async () => {
    const clock = new ManualClock(5_000);
    const attached = attach({ openFor: '10s', backoff: { max: '60s' }, jitter: '20%' }, { clock, random: () => 0.75 });
    await attached.open(server.target, ['unary']);
    expect(attached.breaker(server.target, 'unary').snapshot().retryInMs).toBeCloseTo(11_000);
    clock.advance(1_000);
    expect(attached.breaker(server.target, 'unary').snapshot().retryInMs).toBeCloseTo(10_000);
  });

  it('go on protecting after they were disposed of', async () => {
    const attached = attach({ trip: { consecutiveFailures: 1 } });
    const client = attached.connect(server.target);
    attached.breakers.dispose();
    attached.breakers.dispose();
    await play(client, 'unary', { metadata: scripted({ answers: 0, code: Status.UNAVAILABLE }) });
    expect(codeOf(await play(client, 'unary'))).toBe(Status.UNAVAILABLE);
    expect(attached.breaker(server.target, 'unary').snapshot().counts).toMatchObject({ failure: 1, rejected: { open: 1 } });
  });

  it('give one interceptor for each target, and keep none that no client has', async () => {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    const { breakers } = attach();
    const kept = breakers.interceptor('kept:1');
    expect(breakers.interceptor('kept:1')).toBe(kept);
    expect(breakers.interceptor('other:1')).not.toBe(kept);
    const refs = Array.from({ length: 100 }, (_, index) => new WeakRef(breakers.interceptor(`target-${index}:1`)));
    await new Promise((resolve) => setTimeout(resolve, 5));
    collect();
    expect(refs.filter((ref) => ref.deref() !== undefined).length).toBeLessThan(5);
    expect(breakers.interceptor('kept:1')).toBe(kept);
  });
});
