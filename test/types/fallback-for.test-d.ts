import { describe, expectTypeOf, it } from 'vitest';
import { type FallbackContext, type FallbackSourceOptions, fallbackFor } from '../../src/index.ts';
import { StaticAnswer, StaticQuestion } from '../grpc/helpers/static-stub.ts';
import { createBaseAnswer, type TsAnswer, type TsQuestion } from '../grpc/helpers/ts-proto-stub.ts';
import type { LoaderAnswer, LoaderAnswerOutput, LoaderQuestion, LoaderScriptedDefinition } from './stubs/proto-loader.ts';
import type { StaticScriptedService } from './stubs/static.ts';
import type { TsScriptedService } from './stubs/ts-proto.ts';

// Nothing here runs: the compiler is the test.

declare const ts: TsScriptedService;
declare const generated: StaticScriptedService;
declare const loader: LoaderScriptedDefinition;

describe('fallbackFor, with ts-proto', () => {
  it('knows the request, the context and what it returns', () => {
    const source = fallbackFor(ts.unary, (request, context) => {
      expectTypeOf(request).toEqualTypeOf<TsQuestion>();
      expectTypeOf(context).toEqualTypeOf<FallbackContext>();
      return undefined;
    });
    expectTypeOf(source).toEqualTypeOf<FallbackSourceOptions>();
    fallbackFor(ts.download, (request) => void expectTypeOf(request).toEqualTypeOf<TsQuestion>());
    // A stream of requests may have ended before its first.
    fallbackFor(ts.upload, (request) => void expectTypeOf(request).toEqualTypeOf<TsQuestion | undefined>());
    fallbackFor(ts.chat, (request) => void expectTypeOf(request).toEqualTypeOf<TsQuestion | undefined>());
  });

  it('takes a message, at once or later, or none', () => {
    fallbackFor(ts.unary, ({ modelName }) => ({ ...createBaseAnswer(), text: modelName }));
    fallbackFor(ts.unary, async ({ modelName }) => ({ ...createBaseAnswer(), text: modelName }));
    fallbackFor(ts.unary, async ({ modelName }) => (modelName === '' ? undefined : createBaseAnswer()));
    fallbackFor(ts.unary, () => undefined);
    fallbackFor(ts.unary, () => {
      throw new Error('nothing cached');
    });
    fallbackFor(ts.upload, (request) => ({ ...createBaseAnswer(), text: request?.modelName ?? '' }));
  });

  it('takes a list or an async iterable for streamed responses, at once or later', () => {
    fallbackFor(ts.download, () => [createBaseAnswer()]);
    fallbackFor(ts.download, async () => [createBaseAnswer()]);
    fallbackFor(ts.chat, async function* () {
      yield { ...createBaseAnswer(), text: 'one' };
    });
    fallbackFor(ts.chat, async () => answers());
    async function* answers() {
      yield createBaseAnswer();
    }
  });

  it('refuses other requests', () => {
    // @ts-expect-error -- the field is modelName
    fallbackFor(ts.unary, (request) => ({ ...createBaseAnswer(), text: request.model_name }));
    // @ts-expect-error -- not of this method
    fallbackFor(ts.unary, (_request: { symbol: string }) => createBaseAnswer());
    // @ts-expect-error -- a stream of requests may have none
    fallbackFor(ts.upload, (request) => ({ ...createBaseAnswer(), text: request.modelName }));
    // @ts-expect-error -- the same, said outright
    fallbackFor(ts.chat, (_request: TsQuestion) => [createBaseAnswer()]);
  });

  it('refuses other responses', () => {
    // @ts-expect-error -- a number is no text
    fallbackFor(ts.unary, () => ({ ...createBaseAnswer(), text: 5 }));
    // @ts-expect-error -- the same, later
    fallbackFor(ts.unary, async () => ({ ...createBaseAnswer(), text: 5 }));
    // @ts-expect-error -- ts-proto's serialiser needs every field
    fallbackFor(ts.unary, () => ({ text: 'one' }));
    // @ts-expect-error -- no field of it, which only a return type that is said refuses
    fallbackFor(ts.unary, (): TsAnswer => ({ ...createBaseAnswer(), txt: 'one' }));
    // @ts-expect-error -- the request is no response
    fallbackFor(ts.unary, (request) => request);
    // @ts-expect-error -- null is no message
    fallbackFor(ts.unary, () => null);
    // @ts-expect-error -- a single response is no list
    fallbackFor(ts.unary, () => [createBaseAnswer()]);
    // @ts-expect-error -- streamed responses are a list
    fallbackFor(ts.download, () => createBaseAnswer());
    // @ts-expect-error -- in a list
    fallbackFor(ts.download, () => [{ ...createBaseAnswer(), text: 5 }]);
    // @ts-expect-error -- in a list, later
    fallbackFor(ts.chat, async () => [{ text: 'one' }]);
    // @ts-expect-error -- from an async iterable
    fallbackFor(ts.chat, async function* () {
      yield { ...createBaseAnswer(), text: 5 };
    });
  });
});

describe('fallbackFor, with static google-protobuf stubs', () => {
  it('knows the request', () => {
    fallbackFor(generated.unary, (request) => void expectTypeOf(request).toEqualTypeOf<StaticQuestion>());
    fallbackFor(generated.upload, (request) => void expectTypeOf(request).toEqualTypeOf<StaticQuestion | undefined>());
    fallbackFor(generated.download, (request) => void expectTypeOf(request).toEqualTypeOf<StaticQuestion>());
    fallbackFor(generated.chat, (request) => void expectTypeOf(request).toEqualTypeOf<StaticQuestion | undefined>());
  });

  it('takes messages of the stubs', () => {
    fallbackFor(generated.unary, (request) => new StaticAnswer().setText(request.getModelName()));
    fallbackFor(generated.upload, async (request) => new StaticAnswer().setText(request?.getModelName() ?? ''));
    fallbackFor(generated.download, () => [new StaticAnswer()]);
    fallbackFor(generated.chat, async function* () {
      yield new StaticAnswer();
    });
  });

  it('refuses other requests and responses', () => {
    // @ts-expect-error -- no plain object
    fallbackFor(generated.unary, (request) => new StaticAnswer().setText(request.modelName));
    // @ts-expect-error -- a stream of requests may have none
    fallbackFor(generated.upload, (request) => new StaticAnswer().setText(request.getModelName()));
    // @ts-expect-error -- the answer as a plain object
    fallbackFor(generated.unary, () => ({ text: 'one' }));
    // @ts-expect-error -- the answer as a plain object, later
    fallbackFor(generated.unary, async () => new StaticAnswer().toObject());
    // @ts-expect-error -- another message
    fallbackFor(generated.unary, () => new StaticQuestion());
    // @ts-expect-error -- a single response is no list
    fallbackFor(generated.upload, () => [new StaticAnswer()]);
    // @ts-expect-error -- streamed responses are a list
    fallbackFor(generated.download, () => new StaticAnswer());
    // @ts-expect-error -- another message in a list
    fallbackFor(generated.download, async () => [new StaticQuestion()]);
    // @ts-expect-error -- another message from an async iterable
    fallbackFor(generated.chat, async function* () {
      yield new StaticQuestion();
    });
  });
});

describe('fallbackFor, with the types of proto-loader', () => {
  // They do not tell which methods stream: a message and a list of them are both taken.
  it('knows the request', () => {
    fallbackFor(loader.Unary, (request) => void expectTypeOf(request).toEqualTypeOf<LoaderQuestion>());
    fallbackFor(loader.Chat, (request) => void expectTypeOf(request).toEqualTypeOf<LoaderQuestion>());
  });

  it('takes messages as servers may write them, and as callers receive them', () => {
    fallbackFor(loader.Unary, ({ model_name }) => ({ text: model_name ?? '', side: 'BUY' }));
    fallbackFor(loader.Unary, () => ({ side: 'HOLD' }));
    fallbackFor(loader.Unary, async () => ({ text: 'one', sides: ['BUY', 2] }));
    fallbackFor(loader.Unary, (): LoaderAnswerOutput | undefined => undefined);
    fallbackFor(loader.Download, () => [{ text: 'one', side: 'SELL' }, {}]);
    fallbackFor(loader.Chat, async () => [{ text: 'one' }]);
    fallbackFor(loader.Chat, async function* () {
      yield { text: 'one', side: 'SELL' };
    });
  });

  it('refuses other requests and responses', () => {
    // @ts-expect-error -- the field is model_name
    fallbackFor(loader.Unary, (request) => ({ text: request.modelName }));
    // @ts-expect-error -- not of this method
    fallbackFor(loader.Unary, (_request: { symbol: string }): LoaderAnswer => ({}));
    // @ts-expect-error -- a number is no text
    fallbackFor(loader.Unary, () => ({ text: 5 }));
    // @ts-expect-error -- the same, later
    fallbackFor(loader.Unary, async () => ({ text: 5 }));
    // @ts-expect-error -- no field of it
    fallbackFor(loader.Unary, () => ({ txt: 'one' }));
    // @ts-expect-error -- no field of it, later
    fallbackFor(loader.Unary, async () => ({ txt: 'one' }));
    // @ts-expect-error -- no value of the enum
    fallbackFor(loader.Unary, () => ({ side: 'WAIT' }));
    // @ts-expect-error -- no message
    fallbackFor(loader.Unary, () => 'one');
    // @ts-expect-error -- in a list
    fallbackFor(loader.Download, () => [{ text: 5 }]);
    // @ts-expect-error -- from an async iterable
    fallbackFor(loader.Chat, async function* () {
      yield { text: 5 };
    });
  });
});
