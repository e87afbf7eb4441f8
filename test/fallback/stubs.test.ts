import { status as Status } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FallbackSourceOptions, fallbackOf } from '../../src/index.ts';
import { attachAll } from '../grpc/helpers/attached.ts';
import { messagesOf, play } from '../grpc/helpers/play.ts';
import { type Script, scripted } from '../grpc/helpers/script.ts';
import { type ScriptedServer, startScriptedServer } from '../grpc/helpers/scripted-server.ts';
import {
  CALL_TYPES,
  loadScripted,
  methodName,
  type Question,
  receivesStream,
  SCRIPTED,
  Scripted,
  type ScriptedClientConstructor,
} from '../grpc/helpers/scripted-service.ts';
import { ScriptedService, StaticAnswer, StaticQuestion, StaticScripted } from '../grpc/helpers/static-stub.ts';
import { createBaseAnswer, createBaseQuestion, type TsAnswer, TsScripted } from '../grpc/helpers/ts-proto-stub.ts';

// A fallback message is one of the stub's that the caller has.

const FAILING: Script = { answers: 0, code: Status.UNAVAILABLE };
const TEXTS = ['one', 'two', 'three'];

describe.each(CALL_TYPES)('a fallback (%s)', (type) => {
  const isStream = receivesStream(type);
  const texts = isStream ? TEXTS : TEXTS.slice(0, 1);
  const method = methodName(type).split('/')[1] as string;
  let server: ScriptedServer;
  beforeAll(async () => {
    server = await startScriptedServer();
  });
  afterAll(() => server.stop());

  const sourcesOf = (messages: readonly unknown[]): FallbackSourceOptions[] => [
    isStream ? { messages } : { message: messages[0] },
    { function: () => (isStream ? messages : messages[0]) },
  ];
  const attach = (source: FallbackSourceOptions, service: typeof Scripted | typeof ScriptedService = Scripted) =>
    attachAll(
      { methods: [{ name: [{ service: SCRIPTED, method }], fallback: { on: ['failed'], sources: [source] } }] },
      { services: [service] },
    );

  const STUBS: readonly {
    name: string;
    Client: ScriptedClientConstructor;
    question: unknown;
    given: (text: string) => unknown;
    text: (answer: unknown) => string;
  }[] = [
    {
      name: 'static',
      Client: StaticScripted,
      question: new StaticQuestion(),
      given: (text) => new StaticAnswer().setText(text),
      text: (answer) => (answer as StaticAnswer).getText(),
    },
    {
      name: 'ts-proto',
      Client: TsScripted,
      question: createBaseQuestion(),
      given: (text) => ({ ...createBaseAnswer(), text }),
      text: (answer) => (answer as TsAnswer).text,
    },
  ];
  it.each(STUBS)('is a message of $name stubs where the client has those', async ({ Client, question, given, text }) => {
    const messages = texts.map(given);
    for (const source of sourcesOf(messages)) {
      const attached = attach(source, Client === StaticScripted ? ScriptedService : Client);
      const client = attached.connect(server.target, {}, Client);
      const played = await play(client, type, { metadata: scripted(FAILING), requests: [question as Question] });
      const got: unknown[] = messagesOf(played);
      expect(got.map(text)).toEqual(texts);
      expect(got.map((message) => Object.getPrototypeOf(message))).toEqual(
        messages.map((message) => Object.getPrototypeOf(message)),
      );
      expect(fallbackOf(got[0])?.reason).toBe('failed');
    }
  });

  it('has the shape of the caller’s stubs, whichever were registered', async () => {
    const messages = texts.map((text) => ({ text, item_index: 3 }));
    for (const source of sourcesOf(messages)) {
      const attached = attach(source);
      const camel = attached.connect(server.target, {}, loadScripted({}));
      const [first] = messagesOf(await play(camel, type, { metadata: scripted(FAILING) })) as unknown[];
      expect(first).toMatchObject({ text: 'one', itemIndex: 3 });
      const static_ = attached.connect(server.target, {}, StaticScripted);
      const requests = [new StaticQuestion() as unknown as Question];
      const [second] = messagesOf(await play(static_, type, { metadata: scripted(FAILING), requests })) as unknown[];
      expect(second).toBeInstanceOf(StaticAnswer);
      expect(fallbackOf(second)?.reason).toBe('failed');
    }
  });
});
