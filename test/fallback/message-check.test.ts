import type { Options } from '@grpc/proto-loader';
import { describe, expect, it } from 'vitest';
import { type ConfigProblem, createBreakers, isConfigError, type ServiceSource } from '../../src/index.ts';
import { loadScripted, SCRIPTED, Scripted } from '../grpc/helpers/scripted-service.ts';
import { ScriptedService, StaticAnswer, StaticScripted } from '../grpc/helpers/static-stub.ts';
import { createBaseAnswer, TsScripted } from '../grpc/helpers/ts-proto-stub.ts';

// A fallback message is checked against the response type when breakers are made: what would not arrive as it was given is refused.

const AT = 'methods[0].fallback.sources[0].message';

/** The problems with a message, as the response of `Unary`; empty when it is taken. */
function problemsOf(message: unknown, service: ServiceSource = Scripted): readonly ConfigProblem[] {
  try {
    createBreakers(
      { methods: [{ name: [{ service: SCRIPTED, method: 'Unary' }], fallback: { sources: [{ message }] } }] },
      { services: [service], telemetry: false },
    );
    return [];
  } catch (error) {
    if (!isConfigError(error)) throw error;
    return error.problems;
  }
}

function pathsOf(message: unknown, service?: ServiceSource): string[] {
  return problemsOf(message, service).map(({ path }) => path.replace(AT, ''));
}

const LONG = '9007199254740993';

/** Messages that fit, whatever the loader's options are. */
const FITTING: readonly (readonly [name: string, message: object])[] = [
  ['an empty message', {}],
  ['a text', { text: 'hold' }],
  ['numbers', { item_index: -3, score: 0.1, confidence: 0.1, volume: 12 }],
  ['default values', { text: '', item_index: 0, score: 0, is_stale: false, weights: [], counts: {}, volume: 0 }],
  ['a boolean', { is_stale: true }],
  ['a list of numbers', { weights: [0, 1.5, -2] }],
  ['a nested message', { owner: { tenant: 'acme', priority: 3 } }],
  ['an empty nested message', { owner: {} }],
  ['nested default values', { owner: { tenant: '', priority: 0 } }],
  ['a list of messages', { shares: [{ tenant: 'a' }, {}, { tenant: 'c', priority: 0 }] }],
  ['a map of numbers', { counts: { one: 1, none: 0 } }],
  ['a map of messages', { owners: { first: { tenant: 'a' }, second: {} } }],
  ['one of a choice', { note: 'because' }],
  ['one of a choice with its default value', { error_code: 0 }],
  ['a message of a choice', { decided_by: { tenant: 'acme' } }],
  ['an optional field with its default value', { rank: 0 }],
  ['an enum by name', { side: 'SELL' }],
  ['an enum by its first name', { side: 'HOLD' }],
  ['an enum by number', { side: 2 }],
  ['an enum by number 0', { side: 0 }],
  ['a list of enums by name', { sides: ['BUY', 'HOLD', 'SELL'] }],
  ['a list of enums by number', { sides: [1, 0, 2] }],
  ['bytes', { payload: Buffer.from([0, 1, 250]) }],
  ['bytes as base64', { payload: 'AAH6' }],
  ['no bytes', { payload: Buffer.alloc(0) }],
  ['a field that is undefined', { text: 'hold', owner: undefined }],
  ['a field that is null', { text: 'hold', owner: null }],
];

/** Messages that do not fit, with the path of what is wrong. */
const UNFITTING: readonly (readonly [name: string, message: unknown, paths: readonly string[]])[] = [
  ['an unknown field', { txt: 'hold' }, ['.txt']],
  ['an unknown field with a default value', { txt: '' }, ['.txt']],
  ['unknown fields with default values of all kinds', { a: 0, b: false, c: [], d: {}, e: null }, ['.a', '.b', '.c', '.d', '.e']],
  ['an unknown field in a nested message', { owner: { tenat: 'acme' } }, ['.owner.tenat']],
  ['an unknown field with a default value in a nested message', { owner: { tenant: 'acme', prio: 0 } }, ['.owner.prio']],
  ['an unknown field in a list', { shares: [{ tenant: 'a' }, { tenat: 'b' }] }, ['.shares[1].tenat']],
  ['an unknown field in a map', { owners: { first: { tenat: 'a' } } }, ['.owners.first.tenat']],
  ['an unknown field in a choice', { decided_by: { tenat: 'a' } }, ['.decided_by.tenat']],
  ['several at once', { txt: 'hold', item_index: 'three', owner: { tenat: 'a' } }, ['.txt', '.item_index', '.owner.tenat']],
  ['a text for a number', { item_index: 'three' }, ['.item_index']],
  ['a text for a fraction', { score: 'high', confidence: 'low' }, ['.score', '.confidence']],
  ['an enum’s name for a number', { item_index: 'HOLD' }, ['.item_index']],
  ['a fraction for a whole number', { item_index: 1.5 }, ['.item_index']],
  ['a number beyond 32 bits', { item_index: 3_000_000_000 }, ['.item_index']],
  ['a text for a boolean', { is_stale: 'yes' }, ['.is_stale']],
  ['a number for a boolean', { is_stale: 1 }, ['.is_stale']],
  ['a text for a 64-bit number', { volume: 'many' }, ['.volume']],
  ['a number for a text', { text: true }, ['.text']],
  ['a message for a text', { text: { value: 'hold' } }, ['.text']],
  ['a text for a list', { weights: 'heavy' }, ['.weights']],
  ['a text in a list of numbers', { weights: [1, 'two'] }, ['.weights[1]']],
  ['a text for a message', { owner: 'acme' }, ['.owner']],
  ['an enum’s name that does not exist', { side: 'BYE' }, ['.side']],
  ['an enum’s name that does not exist in a list', { sides: ['BUY', 'BYE'] }, ['.sides[1]']],
  ['a text in a map of numbers', { counts: { one: 'uno' } }, ['.counts.one']],
  ['something that is no base64 for bytes', { payload: 'not base64!' }, ['.payload']],
  ['a text instead of a message', 'hold', ['']],
  ['a list instead of a message', [{ text: 'hold' }], ['']],
];

const LOADERS: readonly (readonly [name: string, options: Options])[] = [
  ['no options but keepCase', { keepCase: true }],
  ['defaults', { keepCase: true, defaults: true }],
  ['strings for everything', { keepCase: true, longs: String, enums: String, bytes: String }],
  ['numbers for longs', { keepCase: true, longs: Number }],
  ['strings, defaults and oneofs', { keepCase: true, longs: String, enums: String, defaults: true, oneofs: true }],
  ['lists for bytes', { keepCase: true, bytes: Array, arrays: true, objects: true }],
];

describe.each(LOADERS)('stubs of proto-loader with %s', (_name, options) => {
  const Client = loadScripted(options);

  it.each(FITTING)('take %s', (_what, message) => {
    expect(problemsOf(message, Client)).toEqual([]);
  });

  it.each(UNFITTING)('refuse %s', (_what, message, paths) => {
    expect(pathsOf(message, Client)).toEqual(paths);
  });

  it('take a long number in each form that they have for it', () => {
    // The loader's numbers cannot hold it: then it is refused, as it would arrive as another.
    expect(pathsOf({ volume: LONG }, Client)).toEqual(options.longs === Number ? ['.volume'] : []);
    expect(pathsOf({ volume: '12' }, Client)).toEqual([]);
  });

  it('take what they have decoded themselves', () => {
    const { responseSerialize, responseDeserialize } = Client.service['Unary'] as (typeof Client.service)[string];
    const full = {
      text: 'hold',
      payload: Buffer.from('x'),
      side: 1,
      volume: 7,
      counts: { one: 1 },
      shares: [{ tenant: 'a' }],
      note: 'n',
      rank: 0,
    };
    expect(problemsOf(responseDeserialize(responseSerialize(full)), Client)).toEqual([]);
  });
});

describe('stubs in camel case', () => {
  const Client = loadScripted({});

  it('take their own names', () => {
    expect(problemsOf({ itemIndex: 3, isStale: false, decidedBy: { tenant: 'acme' } }, Client)).toEqual([]);
  });

  it('refuse the names of the file, default values included', () => {
    expect(pathsOf({ item_index: 3, is_stale: false, decided_by: { tenant: 'acme' } }, Client)).toEqual([
      '.item_index',
      '.is_stale',
      '.decided_by',
    ]);
  });
});

describe('static stubs', () => {
  it.each([StaticScripted, ScriptedService])(
    'take their own messages, from the constructor and from the definition',
    (service) => {
      expect(problemsOf(new StaticAnswer().setText('hold'), service)).toEqual([]);
    },
  );

  it('refuse plain objects, and say why', () => {
    const [problem] = problemsOf({ text: 'hold' }, StaticScripted);
    expect(problem).toMatchObject({ path: AT, message: expect.stringContaining('Expected argument of type scripted.v1.Answer') });
  });
});

describe('stubs of ts-proto', () => {
  it('take a whole message', () => {
    expect(problemsOf({ ...createBaseAnswer(), text: 'hold', weights: [1], payload: Buffer.from('x') }, TsScripted)).toEqual([]);
  });

  it.each([
    ['a part of a message, which their encoder cannot take', { text: 'hold' }, ['']],
    ['an unknown field', { ...createBaseAnswer(), txt: 'hold' }, ['.txt']],
    ['an unknown field with a default value', { ...createBaseAnswer(), txt: '' }, ['.txt']],
    ['a text for a number', { ...createBaseAnswer(), itemIndex: 'three' }, ['.itemIndex']],
  ])('refuse %s', (_what, message, paths) => {
    expect(pathsOf(message, TsScripted)).toEqual(paths);
  });
});

describe('a refusal', () => {
  it('names the path, the method, and what is wrong, for every source', () => {
    const error = (() => {
      try {
        createBreakers(
          {
            methods: [
              {
                name: [{ service: SCRIPTED, method: 'Unary' }],
                fallback: { sources: [{ message: {} }, { message: { txt: 1 } }] },
              },
              { name: [{ service: SCRIPTED, method: 'Download' }], fallback: { sources: [{ messages: [{}, { side: 'BYE' }] }] } },
            ],
          },
          { services: [Scripted], telemetry: false },
        );
      } catch (thrown) {
        return thrown as Error;
      }
      return undefined;
    })();
    expect(isConfigError(error)).toBe(true);
    expect(error?.message).toContain('methods[0].fallback.sources[1].message.txt');
    expect(error?.message).toContain('methods[1].fallback.sources[0].messages[1].side');
    expect(error?.message).toContain(`response of ${SCRIPTED}/Unary`);
  });
});
