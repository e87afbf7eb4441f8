import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fromBinary, toBinary } from '@bufbuild/protobuf';
import { BinaryWriter } from '@bufbuild/protobuf/wire';
import { FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';
import { credentials } from '@grpc/grpc-js';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Breakers, type BreakersOptions, createBreakers, loadPolicy } from '../../src/index.ts';
import { connect } from '../grpc/helpers/attached.ts';
import { type ScriptedServer, startScriptedServer } from '../grpc/helpers/scripted-server.ts';
import { loadScripted, Scripted, type ScriptedClientConstructor } from '../grpc/helpers/scripted-service.ts';
import { StaticAnswer, StaticQuestion, StaticScripted } from '../grpc/helpers/static-stub.ts';
import { TsScripted } from '../grpc/helpers/ts-proto-stub.ts';
import { problemsOf } from '../policy/helpers.ts';
import { ask } from './helpers/asking.ts';

// A document that names the files which its messages are checked against.

const PROTO = join(import.meta.dirname, '../protos/scripted.proto');

let server: ScriptedServer;
let folder: string;
beforeAll(async () => {
  server = await startScriptedServer();
});
afterAll(() => server.stop());
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'grpc-breaker-protos-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Writes a file of the document's folder. */
function write(file: string, content: string | Uint8Array): void {
  const path = join(folder, file);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
}

/** A google.protobuf.FileDescriptorSet of the service, as protobuf.js writes it. */
function descriptorSet(): Uint8Array {
  const { responseType } = Scripted.service['Unary'] as { responseType?: { fileDescriptorProtos?: readonly Buffer[] } };
  const writer = new BinaryWriter();
  for (const file of responseType?.fileDescriptorProtos ?? []) writer.uint32(10).bytes(file);
  return writer.finish();
}

/** The same as protoc writes it: types are called by their full names, and those of map entries end in Entry. */
function protocSet(): Uint8Array {
  const set = fromBinary(FileDescriptorSetSchema, descriptorSet());
  const full = (name: string, inner: readonly string[] = []) =>
    name === '' || name.startsWith('.') ? name : `.scripted.v1.${inner.includes(name) ? `Answer.${name}Entry` : name}`;
  for (const { messageType, service } of set.file) {
    for (const { field, nestedType } of messageType) {
      const inner = nestedType.map(({ name }) => name);
      for (const own of [...field, ...nestedType.flatMap((entry) => entry.field)]) own.typeName = full(own.typeName, inner);
      for (const entry of nestedType) entry.name += 'Entry';
    }
    for (const method of service.flatMap((own) => own.method)) {
      method.inputType = full(method.inputType);
      method.outputType = full(method.outputType);
    }
  }
  return toBinary(FileDescriptorSetSchema, set);
}

/** A document whose calls get a message, checked against files. */
const document = (protos: string, message: string, method = 'Unary') => `
protos: ${protos}
methods:
  - name: [{ service: scripted.v1.Scripted, method: ${method} }]
    rampUp: 0
    fallback:
      sources:
        - ${message}
`;

function create(text: string, options: BreakersOptions = {}): Breakers {
  write('policy.yaml', text);
  return createBreakers(loadPolicy(join(folder, 'policy.yaml')), { telemetry: false, ...options });
}

const MESSAGE =
  'message: { text: hold, item_index: 7, payload: AAH6, side: SELL, volume: "9007199254740993", counts: { a: 1 }, owner: { tenant: desk } }';

/** What a refused call gets. */
async function answerOf(
  breakers: Breakers,
  Client: ScriptedClientConstructor = Scripted,
  question: object = {},
): Promise<unknown> {
  const client = connect(server.target, breakers.clientOptions(server.target), Client);
  await ask(client, question);
  breakers.list()[0]?.trip('by the test');
  const { answer, info } = await ask(client, question);
  expect(info).toMatchObject({ source: 'message', reason: 'rejected' });
  breakers.dispose();
  return answer;
}

const EXPECTED = {
  text: 'hold',
  item_index: 7,
  payload: Buffer.from([0, 1, 250]),
  side: 'SELL',
  volume: '9007199254740993',
  counts: { a: 1 },
};

describe('messages are checked against', () => {
  it('a .proto file beside the document, without a service in code', async () => {
    cpSync(PROTO, join(folder, 'scripted.proto'));
    expect(await answerOf(create(document('[scripted.proto]', MESSAGE)))).toMatchObject(EXPECTED);
  });

  it.each([
    ['protobuf.js', descriptorSet],
    ['protoc', protocSet],
  ])('a descriptor set of %s, in a folder of the document’s', async (_, make) => {
    write('protos/scripted.pb', make());
    expect(await answerOf(create(document('[protos/scripted.pb]', MESSAGE)))).toMatchObject(EXPECTED);
  });

  it('a file with its full path', async () => {
    expect(await answerOf(create(document(`[${PROTO}]`, MESSAGE)))).toMatchObject(EXPECTED);
  });

  it('files whose imports are relative to a root above them', () => {
    write(
      'protos/shop/v1/money.proto',
      'syntax = "proto3"; package shop.v1; message Money { string currency = 1; int64 units = 2; }',
    );
    write(
      'protos/shop/v1/prices.proto',
      `syntax = "proto3"; package shop.v1; import "shop/v1/money.proto"; import "google/protobuf/timestamp.proto";
      message Ask {} message Price { Money price = 1; google.protobuf.Timestamp at = 2; } service Prices { rpc Get(Ask) returns (Price); }`,
    );
    const text = (message: string) =>
      `protos: [protos/shop/v1/prices.proto]\nmethods: [{ name: [{ service: shop.v1.Prices }], fallback: { sources: [{ message: ${message} }] } }]`;
    create(text('{ price: { currency: EUR, units: 5 }, at: { seconds: 1 } }')).dispose();
    expect(problemsOf(() => create(text('{ price: { currency: EUR, units: five } }')))).toEqual([
      expect.stringMatching(/^methods\[0\]\.fallback\.sources\[0\]\.message/),
    ]);
  });

  it('a list of messages, for methods with streams', () => {
    cpSync(PROTO, join(folder, 'scripted.proto'));
    create(document('[scripted.proto]', 'messages: [{ text: a }, { text: b }]', 'Download')).dispose();
    expect(problemsOf(() => create(document('[scripted.proto]', 'messages: [{ text: a }, { txt: b }]', 'Chat')))).toEqual([
      expect.stringMatching(/^methods\[0\]\.fallback\.sources\[0\]\.messages\[1\]\.txt: is not a field of the response type/),
    ]);
  });
});

describe('a message in the names of the file reaches callers with', () => {
  const make = (options: BreakersOptions = {}) => {
    cpSync(PROTO, join(folder, 'scripted.proto'));
    return create(document('[scripted.proto]', MESSAGE), options);
  };
  const camelCase = loadScripted({ keepCase: false, longs: Number, enums: Number });

  it.each<[string, BreakersOptions]>([
    ['nothing registered', {}],
    ['their own stubs registered', { services: [camelCase.service] }],
    ['other stubs registered', { services: [Scripted.service] }],
  ])('camelCase stubs, %s', async (_, options) => {
    expect(await answerOf(make(options), camelCase)).toMatchObject({
      text: 'hold',
      itemIndex: 7,
      side: 2,
      owner: { tenant: 'desk' },
    });
  });

  it('stubs of ts-proto', async () => {
    const question = { modelName: '', payload: Buffer.alloc(0), account: 0, watchers: [] };
    expect(await answerOf(make({ services: [TsScripted.service] }), TsScripted, question)).toMatchObject({
      text: 'hold',
      itemIndex: 7,
    });
  });

  it('static stubs of google-protobuf', async () => {
    const answer = await answerOf(make({ services: [StaticScripted.service] }), StaticScripted, new StaticQuestion());
    expect(answer).toBeInstanceOf(StaticAnswer);
    expect((answer as StaticAnswer).getText()).toBe('hold');
  });

  it('and is refused in the names of the stubs', () => {
    cpSync(PROTO, join(folder, 'scripted.proto'));
    const text = document('[scripted.proto]', 'message: { itemIndex: 7 }');
    expect(problemsOf(() => create(text, { services: [camelCase.service] }))).toEqual([
      'methods[0].fallback.sources[0].message.itemIndex: is not a field of the response type, or its value does not fit; check its name (as the stubs spell it) and its type (response of scripted.v1.Scripted/Unary)',
    ]);
  });
});

describe('functions', () => {
  it('answer in the words of the registered stubs, where files are named too', async () => {
    cpSync(PROTO, join(folder, 'scripted.proto'));
    const camelCase = loadScripted({ keepCase: false });
    const text = document('[scripted.proto]', 'function: hold').replace('function: hold', '{ function: hold, name: message }');
    const breakers = create(text, { services: [camelCase.service], functions: { hold: () => ({ text: 'hold', itemIndex: 7 }) } });
    expect(await answerOf(breakers, camelCase)).toMatchObject({ text: 'hold', itemIndex: 7 });
  });

  it('and calls of other methods know their types by the files', async () => {
    cpSync(PROTO, join(folder, 'scripted.proto'));
    const call = '{ call: { client: second, method: scripted.v1.Scripted/Unary }, name: message }';
    const clients = {
      second: { target: server.target.replace('127.0.0.1', 'localhost'), credentials: credentials.createInsecure() },
    };
    expect(await answerOf(create(document('[scripted.proto]', call), { clients }))).toMatchObject({ text: 'answer 0' });
  });
});

describe('a message that does not fit is refused, with the path of its field', () => {
  it.each([
    ['message: { txt: hold }', 'message.txt', 'is not a field of the response type'],
    ['message: { side: MAYBE }', 'message.side', ''],
    ['message: { item_index: seven }', 'message.item_index', ''],
    ['message: { owner: { tenant: a, rank: 1 } }', 'message.owner.rank', 'is not a field'],
    ['message: { shares: [{ tenant: a }, { tenannt: b }] }', 'message.shares[1].tenannt', 'is not a field'],
    ['message: { counts: { a: one } }', 'message.counts.a', ''],
    ['message: { weights: 1 }', 'message.weights', ''],
    ['message: { payload: "not base64!" }', 'message.payload', 'does not fit the response type'],
    ['message: { shares: [{ tenant: a }, 5] }', 'message.shares[1]', 'object expected'],
    ['message: { owners: { a: { tenant: b }, c: d } }', 'message.owners.c', 'object expected'],
    ['message: hold', 'message', 'object expected'],
    ['message: [{ text: hold }]', 'message', ''],
    ['messages: [{ text: hold }]', 'messages', 'has a single response; expected "message"'],
  ])('%s', (message, path, problem) => {
    cpSync(PROTO, join(folder, 'scripted.proto'));
    write('scripted.pb', protocSet());
    for (const file of ['scripted.proto', 'scripted.pb']) {
      const problems = problemsOf(() => create(document(`[${file}]`, message)));
      expect(problems).toHaveLength(1);
      expect(problems[0]?.startsWith(`methods[0].fallback.sources[0].${path}: `)).toBe(true);
      expect(problems[0]).toContain(problem);
    }
  });
});

describe('a file is refused', () => {
  const EXPECTED_FILE = 'expected a .proto file, or a descriptor set (protoc --include_imports --descriptor_set_out)';

  it.each<[string, string | Uint8Array | undefined, RegExp]>([
    ['missing.proto', undefined, /^protos\[1\]: missing\.proto cannot be read: ENOENT.*; expected a \.proto file/],
    ['missing.pb', undefined, /^protos\[1\]: missing\.pb cannot be read: ENOENT/],
    [
      'bad.proto',
      'syntax = "proto3"; message A { string a = ; }',
      /^protos\[1\]: bad\.proto cannot be read: illegal id ';' \(.*bad\.proto, line 1\)/,
    ],
    [
      'import.proto',
      'syntax = "proto3"; import "nowhere.proto"; service S {}',
      /^protos\[1\]: import\.proto cannot be read: .*nowhere\.proto/,
    ],
    [
      'messages.proto',
      'syntax = "proto3"; message A {}',
      /^protos\[1\]: messages\.proto has no service; expected a file with one$/,
    ],
    ['empty.pb', '', /^protos\[1\]: empty\.pb has no service/],
    ['policy.json', '{}', /^protos\[1\]: policy\.json cannot be read: /],
    ['random.pb', Buffer.from([10, 200, 1, 2]), /^protos\[1\]: random\.pb cannot be read: /],
  ])('%s, and says which', (file, content, problem) => {
    cpSync(PROTO, join(folder, 'scripted.proto'));
    if (content !== undefined) write(file, content);
    const problems = problemsOf(() => create(document(`[scripted.proto, ${file}]`, 'message: { text: hold }')));
    expect(problems).toEqual([expect.stringMatching(problem)]);
    if (problems[0]?.includes('cannot be read')) expect(problems[0]).toContain(EXPECTED_FILE);
  });

  it('together with what else is wrong', () => {
    const problems = problemsOf(() => create(document('[a.proto]', MESSAGE)));
    expect(problems.map((problem) => problem.split(':')[0])).toEqual(['protos[0]', 'methods[0].name[0]']);
  });
});
