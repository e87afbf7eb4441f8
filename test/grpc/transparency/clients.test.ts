import { Client, credentials, Metadata, status as Status } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { attach } from '../helpers/attached.ts';
import { compare, startTwins, type Twins } from '../helpers/compare.ts';
import { codeOf, messagesOf } from '../helpers/play.ts';
import { CALL_TYPES, loadScripted, type Question, Scripted } from '../helpers/scripted-service.ts';
import { StaticAnswer, StaticQuestion, StaticScripted } from '../helpers/static-stub.ts';
import { createBaseQuestion, TsScripted } from '../helpers/ts-proto-stub.ts';

// Clients of every kind of stub: what is attached, and the messages as that kind of stub has them.

const STUBS = [
  {
    name: 'proto-loader',
    Client: Scripted,
    question: { model_name: 'iris' },
    text: (answer: unknown) => (answer as { text: string }).text,
  },
  {
    name: 'proto-loader in camel case',
    Client: loadScripted({}),
    question: { modelName: 'iris' } as Question,
    text: (answer: unknown) => (answer as { text: string }).text,
  },
  {
    name: 'static google-protobuf',
    Client: StaticScripted,
    question: new StaticQuestion().setModelName('iris') as unknown as Question,
    text: (answer: unknown) => (answer as StaticAnswer).getText(),
  },
  {
    name: 'ts-proto',
    Client: TsScripted,
    question: { ...createBaseQuestion(), modelName: 'iris' } as unknown as Question,
    text: (answer: unknown) => (answer as { text: string }).text,
  },
];

describe('a closed breaker on clients of all kinds', () => {
  let twins: Twins;
  beforeAll(async () => {
    twins = await startTwins();
  });
  afterAll(() => twins.stop());

  describe.each(STUBS)('$name', ({ Client: Stub, question, text }) => {
    it.each(CALL_TYPES)('answers and errors are the same, the key is read from the request (%s)', async (type) => {
      const policy = { key: ['target', 'method', 'request.model_name'] as const };
      for (const script of [{ answers: 1 }, { answers: 0, code: Status.NOT_FOUND, details: 'none' }]) {
        const compared = await compare(twins, { type, Client: Stub, script, plan: { requests: [question] }, policy });
        expect(codeOf(compared.bare.caller)).toBe(script.code ?? Status.OK);
        expect(messagesOf(compared.bare.caller).map(text)).toEqual(script.answers === 1 ? ['answer 0'] : []);
        expect(compared.bare.server[0]).toMatchObject({ received: [{ model_name: 'iris' }] });
        expect(compared.protected).toEqual(compared.bare);
        expect(compared.attached.breaker(twins.protected.target, type, '[iris]').state).toBe('closed');
      }
    });
  });

  it('a static stub’s answers are its own messages', async () => {
    const requests = [new StaticQuestion() as unknown as Question];
    const compared = await compare(twins, { type: 'unary', Client: StaticScripted, plan: { requests } });
    expect(messagesOf(compared.protected.caller)[0]).toBeInstanceOf(StaticAnswer);
  });

  it('a bare Client with makeUnaryRequest is protected too', async () => {
    const { target } = twins.protected;
    const attached = attach();
    const client = new Client(target, credentials.createInsecure(), attached.breakers.clientOptions(target));
    onTestFinished(() => client.close());
    const { requestSerialize, responseDeserialize } = Scripted.service['Unary'] as (typeof Scripted.service)[string];
    const answer = await new Promise((resolve, reject) => {
      const done = (error: Error | null, response?: unknown) => (error === null ? resolve(response) : reject(error));
      client.makeUnaryRequest('/scripted.v1.Scripted/Unary', requestSerialize, responseDeserialize, {}, new Metadata(), {}, done);
    });
    expect(answer).toMatchObject({ text: 'answer 0' });
    expect(attached.breaker(target, 'unary').snapshot().counts.success).toBe(1);
  });
});
