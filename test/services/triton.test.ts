import { status } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { serviceAvailable } from './harness/availability.ts';
import { call } from './harness/inference-client.ts';
import { TRITON, Triton } from './harness/triton.ts';
import { connectTriton, floatsOf, stream, type TritonClient, tritonRequest } from './harness/triton-client.ts';

describe.skipIf(!serviceAvailable(TRITON))('Triton as it is', () => {
  let server: Triton;
  let client: TritonClient;

  beforeAll(async () => {
    server = await Triton.start();
    client = connectTriton(server.target);
  });

  afterAll(async () => {
    client?.close();
    await server?.stop();
  });

  const infer = (model: string, orders = {}, withinMs = 10_000) =>
    call(client, client.modelInfer, tritonRequest(model, orders), { deadline: Date.now() + withinMs });

  it('answers each model for itself', async () => {
    expect(floatsOf((await infer('dbl')).response)).toEqual([2, 4]);
    expect(floatsOf((await infer('tpl')).response)).toEqual([3, 6]);
  });

  it('answers late when it is asked to, others meanwhile', async () => {
    const late = infer('dbl', { delay_ms: 300 });
    expect((await infer('dbl')).durationMs).toBeLessThan(300);
    expect((await late).durationMs).toBeGreaterThanOrEqual(300);
  });

  it('fails when it is asked to', async () => {
    expect((await infer('dbl', { fail: true })).status).toMatchObject({ code: status.INTERNAL, details: 'injected failure' });
    expect((await infer('dbl', { fail: true, code: 'UNAVAILABLE' })).status.code).toBe(status.UNAVAILABLE);
  });

  it('reports a failure in the middle of a stream in a message, and the stream as OK', async () => {
    const { answers, status: ended } = await stream(client, [tritonRequest('dbl-stream', { chunks: 4, fail_at: 2 })]);
    expect(answers.map((answer) => answer.error_message)).toEqual(['', '', 'injected failure']);
    expect(answers.slice(0, 2).map((answer) => floatsOf(answer.infer_response))).toEqual([
      [0, 0],
      [1, 2],
    ]);
    expect(ended.code).toBe(status.OK);
  });

  it('refuses what finds no room in the queue', async () => {
    const results = await Promise.all(Array.from({ length: 6 }, () => infer('dbl-queue', { delay_ms: 100 })));
    const refused = results.filter((result) => result.status.code !== status.OK);
    expect(refused.length).toBeGreaterThanOrEqual(1);
    expect(new Set(refused.map((result) => result.status.code))).toEqual(new Set([status.UNAVAILABLE]));
    expect(refused[0]?.status.details).toContain('Exceeds maximum queue size');
  });

  it('answers nothing while it is stopped, and again after', async () => {
    server.hang();
    try {
      expect((await infer('dbl', {}, 300)).status.code).toBe(status.DEADLINE_EXCEEDED);
    } finally {
      server.resume();
    }
    expect(floatsOf((await infer('dbl')).response)).toEqual([2, 4]);
  });

  it('comes back on the same address after a crash', async () => {
    await server.crash();
    expect((await infer('dbl')).status.code).toBe(status.UNAVAILABLE);
    await server.restart();
    expect(floatsOf((await infer('dbl')).response)).toEqual([2, 4]);
  });
});
