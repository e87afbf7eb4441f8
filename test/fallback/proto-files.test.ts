import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadSync } from '@grpc/proto-loader';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type BreakersOptions, createBreakers, fallbackOf, loadPolicy } from '../../src/index.ts';
import { connect } from '../grpc/helpers/attached.ts';
import { messagesOf, play } from '../grpc/helpers/play.ts';
import { Scripted } from '../grpc/helpers/scripted-service.ts';
import { problemsOf } from '../policy/helpers.ts';

// A document names the files that its messages are checked against: nothing needs to be registered in code.

const PROTO = fileURLToPath(new URL('../protos/scripted.proto', import.meta.url));
const TARGET = '127.0.0.1:1'; // nothing listens there

/** A FileDescriptorSet, repeated FileDescriptorProto file = 1, made of the descriptors that proto-loader knows. */
function descriptorSet(): Buffer {
  const service = Object.values(loadSync(PROTO)).find((entry) => !('format' in entry)) as unknown as Record<
    string,
    { responseType: { fileDescriptorProtos: Buffer[] } }
  >;
  const files = Object.values(service)[0]?.responseType.fileDescriptorProtos ?? [];
  return Buffer.concat(files.flatMap((file) => [Buffer.from([0x0a]), varint(file.length), file]));
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 127; rest >>= 7) bytes.push((rest & 127) | 128);
  return Buffer.from([...bytes, rest]);
}

describe('messages of a document are checked against', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'grpc-breaker-protos-'));
    copyFileSync(PROTO, join(folder, 'scripted.proto'));
    writeFileSync(join(folder, 'scripted.protoset'), descriptorSet());
    writeFileSync(join(folder, 'empty.proto'), 'syntax = "proto3"; package empty; message Nothing {}');
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  function load(protos: string, message: string, options: BreakersOptions = {}) {
    const file = join(folder, 'breakers.yaml');
    const source = `{ message: ${message} }`;
    const name = '[{ service: scripted.v1.Scripted, method: Unary }]';
    writeFileSync(file, `protos: [${protos}]\nmethods: [{ name: ${name}, fallback: { on: [failed], sources: [${source}] } }]\n`);
    return createBreakers(loadPolicy(file), { telemetry: false, ...options });
  }

  it.each(['scripted.proto', 'scripted.protoset'])('%s, found beside the document', async (file) => {
    const breakers = load(file, '{ text: hold, side: SELL, owner: { tenant: desk } }');
    const client = connect(TARGET, breakers.clientOptions(TARGET));
    const [answer] = messagesOf(await play(client, 'unary'));
    expect(answer).toMatchObject({ text: 'hold', side: 'SELL', owner: { tenant: 'desk' } });
    expect(fallbackOf(answer)).toMatchObject({ source: 'message', reason: 'failed' });
    breakers.dispose();
  });

  it.each(['scripted.proto', 'scripted.protoset'])('%s: what does not fit is refused, with the path of the field', (file) => {
    expect(problemsOf(() => load(file, '{ txt: hold, owner: { priority: high } }'))).toEqual([
      expect.stringMatching(/^methods\[0\]\.fallback\.sources\[0\]\.message\.txt: is not a field of the response type/),
      expect.stringMatching(/^methods\[0\]\.fallback\.sources\[0\]\.message\.owner\.priority: "high" does not fit/),
    ]);
  });

  it('the file, by its own names, also where code registered stubs with others', async () => {
    const camel = Object.values(loadSync(PROTO, { keepCase: false })).find((entry) => !('format' in entry));
    const breakers = load('scripted.proto', '{ item_index: 3 }', { services: [camel as never] });
    const client = connect(TARGET, breakers.clientOptions(TARGET), Scripted);
    expect(messagesOf(await play(client, 'unary'))[0]).toMatchObject({ item_index: 3 });
    breakers.dispose();
  });

  it('nothing, where a file is missing, is no descriptor set, or has no service: each is named', () => {
    writeFileSync(join(folder, 'broken.protoset'), 'no descriptors');
    expect(problemsOf(() => load('scripted.proto, missing.proto, broken.protoset, empty.proto', '{}'))).toEqual([
      expect.stringMatching(/^protos\[1\]: missing\.proto cannot be read: .*ENOENT/s),
      expect.stringMatching(/^protos\[2\]: broken\.protoset cannot be read: /),
      'protos[3]: empty.proto cannot be read: it has no service; expected a .proto file or a descriptor set with one',
    ]);
  });
});
