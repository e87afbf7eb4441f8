import { type Interceptor, status as Status } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Comparison, compare, type Position, startTwins, type Twins } from '../helpers/compare.ts';
import { deadlineSetter, marking, OPERATIONS, recorder, silent, statusListener } from '../helpers/interceptors.ts';
import { codeOf } from '../helpers/play.ts';
import { CALL_TYPES } from '../helpers/scripted-service.ts';

// Other interceptors around a closed breaker see what they see without it, in the same order, and so do the caller and the server.

interface Stack {
  readonly name: string;
  readonly build: (log: string[]) => Interceptor[];
}

const TWO: Stack = { name: 'two recorders', build: (log) => [recorder(log, 'one'), recorder(log, 'two')] };
const SLOW: Stack = { name: 'everything asynchronous', build: (log) => [recorder(log, 'slow', OPERATIONS)] };
const STACKS: readonly Stack[] = [
  TWO,
  ...OPERATIONS.map((operation) => ({
    name: `an asynchronous ${operation}`,
    build: (log: string[]) => [recorder(log, 'slow', [operation])],
  })),
  SLOW,
  {
    name: 'everything asynchronous, twice',
    build: (log) => [recorder(log, 'one', OPERATIONS), recorder(log, 'two', OPERATIONS)],
  },
  { name: 'one that changes everything', build: (log) => [recorder(log, 'over'), marking, recorder(log, 'under')] },
  { name: 'a silent one', build: () => [silent] },
  { name: 'one that hears only the status', build: (log) => [statusListener(log)] },
];

interface Ending extends Pick<Comparison, 'script' | 'plan' | 'callOptions'> {
  readonly name: string;
  readonly code: Status;
}

const headers = { 'x-header': 'one' };
const ENDINGS: readonly Ending[] = [
  { name: 'answers', code: Status.OK, script: { headers, trailers: { 'x-trailer': 'two' } } },
  { name: 'an error', code: Status.NOT_FOUND, script: { answers: 0, code: Status.NOT_FOUND, details: 'none' } },
  { name: 'a cancel', code: Status.CANCELLED, script: { headers, answers: 0, hang: true }, plan: { cancel: 'onMetadata' } },
];
const DEADLINE: Ending = {
  name: 'a deadline',
  code: Status.DEADLINE_EXCEEDED,
  script: { headers, answers: 0, hang: true },
  callOptions: () => ({ deadline: Date.now() + 100 }),
};
const DEADLINE_OF_ANOTHER: Stack = { name: 'one that sets a deadline', build: () => [deadlineSetter(100)] };

interface Place {
  readonly position: Position;
  readonly stacks: readonly Stack[];
  readonly endings: readonly Ending[];
}

/** Each stack at the two places that matter; the other ways to attach, and what takes time, with some of them. */
const PLACES: readonly Place[] = [
  ...(['innermost', 'outermost'] as const).flatMap((position) => [
    { position, stacks: STACKS, endings: ENDINGS },
    { position, stacks: [TWO, SLOW, DEADLINE_OF_ANOTHER], endings: [DEADLINE] },
  ]),
  ...(['behind the call’s own', 'behind providers', 'behind the call’s own providers'] as const).map((position) => ({
    position,
    stacks: [TWO, SLOW],
    endings: ENDINGS,
  })),
];

describe('interceptors around a closed breaker', () => {
  let twins: Twins;
  beforeAll(async () => {
    twins = await startTwins();
  });
  afterAll(() => twins.stop());

  const rows = PLACES.flatMap(({ position, stacks, endings }) =>
    stacks.flatMap((stack) =>
      endings.flatMap((ending) =>
        CALL_TYPES.map((type) => ({ type, position, stack, ending, label: `${position}: ${stack.name}, ${ending.name}` })),
      ),
    ),
  );

  it.each(rows)('$label ($type)', async ({ type, position, stack, ending }) => {
    const isStream = type === 'chat' || type === 'download';
    const script = { ...ending.script, ...(isStream && ending.name === 'answers' ? { answers: 4 } : {}) };
    const requests = ['a', 'b', 'c'].slice(0, type === 'upload' || type === 'chat' ? 3 : 1).map((model_name) => ({ model_name }));
    const {
      bare,
      protected: protectedOne,
      attached,
    } = await compare(twins, {
      type,
      position,
      script,
      plan: { ...ending.plan, requests },
      ...(ending.callOptions === undefined ? {} : { callOptions: ending.callOptions }),
      interceptors: stack.build,
    });
    expect(codeOf(bare.caller)).toBe(ending.code);
    expect(protectedOne).toEqual(bare);
    expect(attached.breaker(twins.protected.target, type).snapshot()).toMatchObject({ state: 'closed', inFlight: 0 });
  });
});
