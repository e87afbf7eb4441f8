import { compressionAlgorithms, status as Status } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Comparison, compare, startTwins, type Twins } from '../helpers/compare.ts';
import { codeOf } from '../helpers/play.ts';
import { steadily } from '../helpers/quiet.ts';
import { CALL_TYPES, type CallType } from '../helpers/scripted-service.ts';

// A call with a closed breaker attached is the call without it. Each line says how a call ends without one, so that it is known
// to be the case that it says it is.

interface Case extends Omit<Comparison, 'type'> {
  readonly name: string;
  /** How it ends without a breaker. */
  readonly code: number;
  /** @default all four */
  readonly types?: readonly CallType[];
}

const inMs = (ms: number) => () => ({ deadline: Date.now() + ms });
const many = Array.from({ length: 40 }, (_, index) => ({ model_name: `model ${index}`, account: String(index) }));

const CASES: readonly Case[] = [
  { name: 'an answer', code: Status.OK },
  {
    name: 'headers and trailers',
    code: Status.OK,
    script: { headers: { 'x-header': 'one', 'x-bytes-bin': 'AAEC' }, trailers: { 'x-trailer': 'two' } },
  },
  { name: 'metadata of the caller', code: Status.OK, metadata: { 'x-tenant': 'acme', authorization: 'Bearer x' } },
  { name: 'headers long before the answer', code: Status.OK, script: { headers: { 'x-header': 'one' }, delayMs: 30 } },
  { name: 'a status long after the answer', code: Status.OK, script: { statusDelayMs: 60 } },
  { name: 'many answers', code: Status.OK, script: { answers: 40 }, types: ['download', 'chat'] },
  { name: 'answers one by one', code: Status.OK, script: { answers: 4, gapMs: 10 }, types: ['download', 'chat'] },
  { name: 'many requests', code: Status.OK, plan: { requests: many }, types: ['upload', 'chat'] },
  {
    name: 'requests one by one',
    code: Status.OK,
    plan: { requests: many.slice(0, 4), requestGapMs: 10 },
    types: ['upload', 'chat'],
  },
  { name: 'requests answered one by one', code: Status.OK, script: { echo: true }, plan: { requests: many }, types: ['chat'] },
  { name: 'no request', code: Status.OK, plan: { requests: [] }, types: ['upload', 'chat'] },
  {
    name: 'an answer before the caller is done',
    code: Status.OK,
    script: { early: true },
    plan: { keepOpen: true },
    types: ['upload', 'chat'],
  },
  { name: 'large answers', code: Status.OK, script: { size: 200_000 } },
  { name: 'large requests', code: Status.OK, plan: { requests: [{ payload: Buffer.alloc(200_000, 7) }] } },
  {
    name: 'compressed requests',
    code: Status.OK,
    clientOptions: { 'grpc.default_compression_algorithm': compressionAlgorithms.gzip },
    plan: { requests: [{ payload: Buffer.alloc(9_000) }] },
  },
  { name: 'another authority', code: Status.OK, callOptions: () => ({ host: 'models.example' }) },
  { name: 'OK without an answer', code: Status.OK, script: { answers: 0 } },
  { name: 'an error', code: Status.NOT_FOUND, script: { answers: 0, code: Status.NOT_FOUND, details: 'no such model: é' } },
  {
    name: 'an error with trailers',
    code: Status.UNAVAILABLE,
    script: { answers: 0, code: Status.UNAVAILABLE, details: 'busy', trailers: { 'x-why': 'load' } },
  },
  {
    name: 'an error after headers',
    code: Status.INTERNAL,
    script: { headers: { 'x-header': 'one' }, answers: 0, code: Status.INTERNAL },
  },
  { name: 'an error after the answer', code: Status.ABORTED, script: { code: Status.ABORTED } },
  {
    name: 'an error after answers',
    code: Status.DATA_LOSS,
    script: { answers: 5, code: Status.DATA_LOSS },
    types: ['download', 'chat'],
  },
  { name: 'an unknown status', code: 99, script: { answers: 0, code: 99 } },
  {
    name: 'a CANCELLED of the server',
    code: Status.CANCELLED,
    script: { answers: 0, code: Status.CANCELLED, details: 'shutting down' },
  },
  { name: 'cancelled at once', code: Status.CANCELLED, script: { hang: true }, plan: { cancel: 'atOnce' } },
  { name: 'cancelled in flight', code: Status.CANCELLED, script: { answers: 0, hang: true }, plan: { cancel: 30 } },
  {
    name: 'cancelled at the headers',
    code: Status.CANCELLED,
    script: { headers: { 'x-header': 'one' }, answers: 0, hang: true },
    plan: { cancel: 'onMetadata' },
  },
  {
    name: 'cancelled at an answer',
    code: Status.CANCELLED,
    script: { hang: true, answers: 3, gapMs: 20 },
    plan: { cancel: 'onMessage' },
    types: ['download', 'chat'],
  },
  { name: 'a deadline', code: Status.DEADLINE_EXCEEDED, script: { answers: 0, hang: true }, callOptions: inMs(60) },
  {
    name: 'a deadline after headers',
    code: Status.DEADLINE_EXCEEDED,
    script: { headers: { 'x-header': 'one' }, answers: 0, hang: true },
    callOptions: inMs(60),
  },
  {
    name: 'a deadline after answers',
    code: Status.DEADLINE_EXCEEDED,
    script: { answers: 2, hang: true },
    callOptions: inMs(60),
    types: ['download', 'chat'],
  },
  { name: 'a deadline that is met', code: Status.OK, callOptions: inMs(5_000) },
  {
    name: 'a deadline as a Date',
    code: Status.DEADLINE_EXCEEDED,
    script: { answers: 0, hang: true },
    callOptions: () => ({ deadline: new Date(Date.now() + 60) }),
  },
  { name: 'a dropped connection', code: Status.UNAVAILABLE, script: { answers: 0, drop: true } },
  {
    name: 'a connection dropped after headers',
    code: Status.UNAVAILABLE,
    script: { headers: { 'x-header': 'one' }, answers: 0, delayMs: 10, statusDelayMs: 10, drop: true },
  },
  { name: 'an answer that is no message', code: Status.INTERNAL, script: { garbage: true } },
  { name: 'a request that is no message', code: Status.INTERNAL, plan: { requests: [{ owner: 'acme' as never }] } },
  {
    name: 'a request too large to send',
    code: Status.RESOURCE_EXHAUSTED,
    plan: { requests: [{ payload: Buffer.alloc(2_000) }] },
    clientOptions: { 'grpc.max_send_message_length': 1_000 },
  },
  {
    name: 'an answer too large to take',
    code: Status.RESOURCE_EXHAUSTED,
    script: { size: 2_000 },
    clientOptions: { 'grpc.max_receive_message_length': 1_000 },
  },
];

describe('a closed breaker changes nothing', () => {
  let twins: Twins;
  beforeAll(async () => {
    twins = await startTwins();
  });
  afterAll(() => twins.stop());

  const rows = CASES.flatMap((each) => (each.types ?? CALL_TYPES).map((type) => ({ ...each, type })));

  it.each(rows)('$name ($type)', ({ name: _name, code, types: _types, ...comparison }) =>
    steadily(async () => {
      const { bare, protected: protectedOne, attached } = await compare(twins, comparison);
      expect(codeOf(bare.caller)).toBe(code);
      expect(protectedOne).toEqual(bare);
      const breaker = attached.breaker(twins.protected.target, comparison.type).snapshot();
      expect(breaker).toMatchObject({ state: 'closed', inFlight: 0 });
      expect(breaker.counts.success + breaker.counts.failure + breaker.counts.ignored).toBe(1);
      expect(attached.warnings).toEqual([]);
    }),
  );
});
