import { status as Status } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FallbackSourceOptions, fallbackFor, type ServiceSource } from '../../src/index.ts';
import { attach, attachAll } from '../grpc/helpers/attached.ts';
import { codeOf, messagesOf, play } from '../grpc/helpers/play.ts';
import { type ScriptedServer, startScriptedServer } from '../grpc/helpers/scripted-server.ts';
import {
  CALL_TYPES,
  methodName,
  type Question,
  SCRIPTED,
  Scripted,
  type ScriptedClientConstructor,
} from '../grpc/helpers/scripted-service.ts';
import { ScriptedService, StaticAnswer, StaticQuestion, StaticScripted } from '../grpc/helpers/static-stub.ts';
import { createBaseAnswer, createBaseQuestion, type TsAnswer, TsScripted } from '../grpc/helpers/ts-proto-stub.ts';
import type { LoaderScriptedDefinition } from '../types/stubs/proto-loader.ts';
import type { StaticScriptedService } from '../types/stubs/static.ts';
import type { TsScriptedService } from '../types/stubs/ts-proto.ts';
import { problemsOf } from './helpers.ts';

const loader = Scripted.service as LoaderScriptedDefinition;
const generated = ScriptedService as StaticScriptedService;
const ts = TsScripted.service as unknown as TsScriptedService;

/** Stubs, and a source for each of their methods that answers with what the request names. */
interface Kind {
  readonly name: string;
  readonly Client: ScriptedClientConstructor;
  readonly services: readonly ServiceSource[];
  readonly request: unknown;
  readonly textOf: (message: unknown) => string;
  readonly sources: readonly FallbackSourceOptions[];
}

describe('a source of fallbackFor', () => {
  let server: ScriptedServer;
  beforeAll(async () => {
    server = await startScriptedServer();
  });
  afterAll(() => server.stop());

  it('answers its own method alone, in a policy for all of them', async () => {
    const asked: string[] = [];
    const own = fallbackFor(loader.Unary, (_request, { method }) => {
      asked.push(method);
      return { text: 'of unary' };
    });
    const streamed = fallbackFor(loader.Chat, async (_request, { method }) => {
      asked.push(method);
      return [{ text: 'of chat' }];
    });
    const attached = attach({ fallback: { sources: [own, streamed] } });
    await attached.open(server.target);
    const client = attached.connect(server.target);
    const got: Record<string, unknown> = {};
    for (const type of CALL_TYPES) {
      const played = await play(client, type);
      got[type] = messagesOf(played)[0]?.text ?? Status[codeOf(played) as number];
    }
    expect(got).toEqual({ unary: 'of unary', upload: 'UNAVAILABLE', download: 'UNAVAILABLE', chat: 'of chat' });
    expect(asked).toEqual([methodName('unary'), methodName('chat')]);
    expect(attached.warnings).toEqual([]);
  });

  it('is refused in a policy that is not for its method', () => {
    const name = [{ service: SCRIPTED, method: 'Download' }];
    const policy = { methods: [{ name, fallback: { sources: [fallbackFor(ts.unary, () => createBaseAnswer())] } }] };
    expect(problemsOf(() => attachAll(policy))).toEqual([
      'methods[0].fallback.sources[0].method: is scripted.v1.Scripted/Unary, which is not a method of this policy; move the source to the policy that names it',
    ]);
  });

  const textOf = (message: unknown) => (message as TsAnswer).text;
  const KINDS: readonly Kind[] = [
    {
      name: 'ts-proto',
      Client: TsScripted,
      services: [TsScripted],
      request: { ...createBaseQuestion(), modelName: 'iris' },
      textOf,
      sources: [
        fallbackFor(ts.unary, ({ modelName }) => tsAnswer(modelName)),
        fallbackFor(ts.upload, async (first) => tsAnswer(first?.modelName)),
        fallbackFor(ts.download, async ({ modelName }) => [tsAnswer(modelName)]),
        fallbackFor(ts.chat, async function* (first) {
          yield tsAnswer(first?.modelName);
        }),
      ],
    },
    {
      name: 'static google-protobuf',
      Client: StaticScripted,
      services: [ScriptedService],
      request: new StaticQuestion().setModelName('iris'),
      textOf: (message) => (message as StaticAnswer).getText(),
      sources: [
        fallbackFor(generated.unary, (request) => staticAnswer(request)),
        fallbackFor(generated.upload, async (first) => staticAnswer(first)),
        fallbackFor(generated.download, async (request) => [staticAnswer(request)]),
        fallbackFor(generated.chat, async function* (first) {
          yield staticAnswer(first);
        }),
      ],
    },
    {
      name: 'proto-loader',
      Client: Scripted,
      services: [Scripted],
      request: { model_name: 'iris' },
      textOf,
      sources: [
        fallbackFor(loader.Unary, ({ model_name = '' }) => ({ text: model_name })),
        fallbackFor(loader.Upload, async ({ model_name = '' }) => ({ text: model_name })),
        fallbackFor(loader.Download, async ({ model_name = '' }) => [{ text: model_name }]),
        fallbackFor(loader.Chat, async function* ({ model_name = '' }) {
          yield { text: model_name };
        }),
      ],
    },
  ];

  it.each(KINDS)(
    'sees requests and answers with messages of $name stubs',
    async ({ Client, services, request, sources, ...kind }) => {
      const attached = attach({ fallback: { sources } }, { services });
      const client = attached.connect(server.target, {}, Client);
      const requests = [request as Question];
      for (const type of CALL_TYPES) await play(client, type, { requests });
      for (const breaker of attached.breakers.list()) breaker.trip('by the test');
      for (const type of CALL_TYPES)
        expect(messagesOf(await play(client, type, { requests })).map(kind.textOf)).toEqual(['iris']);
      expect(attached.warnings).toEqual([]);
    },
  );
});

function tsAnswer(text: string = ''): TsAnswer {
  return { ...createBaseAnswer(), text };
}

function staticAnswer(request: StaticQuestion | undefined): StaticAnswer {
  return new StaticAnswer().setText(request?.getModelName() ?? '');
}
