import { create, toBinary } from '@bufbuild/protobuf';
import {
  FileDescriptorSetSchema,
  file_google_protobuf_struct,
  FieldDescriptorProto_Label as Label,
  FieldDescriptorProto_Type as Type,
} from '@bufbuild/protobuf/wkt';
import { loadFileDescriptorSetFromBuffer } from '@grpc/proto-loader';
import { expect, it } from 'vitest';
import { withMaps } from '../../src/fallback/descriptor-maps.ts';
import type { MethodDefinition, ServiceSource } from '../../src/policy/method-definitions.ts';

const field = (name: string, number: number, type: Type, typeName = '', label = Label.OPTIONAL) => ({
  name,
  number,
  type,
  typeName,
  label,
});
const map = (name: string, number: number, entry: string) =>
  field(name, number, Type.MESSAGE, `.maps.Answer.${entry}`, Label.REPEATED);
const entry = (name: string, key: Type, value: Type, typeName = '') => ({
  name,
  options: { mapEntry: true },
  field: [field('key', 1, key), field('value', 2, value, typeName)],
});

/** As protoc writes it; google.protobuf.Struct, which has a map of messages that have it, is protoc's own. */
const SET = create(FileDescriptorSetSchema, {
  file: [
    file_google_protobuf_struct.proto,
    {
      name: 'maps.proto',
      package: 'maps',
      syntax: 'proto3',
      dependency: ['google/protobuf/struct.proto'],
      messageType: [
        {
          name: 'Answer',
          field: [
            map('by_flag', 1, 'ByFlagEntry'),
            map('by_number', 2, 'ByNumberEntry'),
            map('by_name', 3, 'ByNameEntry'),
            field('struct', 4, Type.MESSAGE, '.google.protobuf.Struct'),
            field('more', 5, Type.MESSAGE, '.maps.Answer', Label.REPEATED),
          ],
          nestedType: [
            entry('ByFlagEntry', Type.BOOL, Type.STRING),
            entry('ByNumberEntry', Type.INT64, Type.BYTES),
            entry('ByNameEntry', Type.STRING, Type.MESSAGE, '.maps.Answer'),
          ],
        },
      ],
      service: [{ name: 'Maps', method: [{ name: 'Get', inputType: '.maps.Answer', outputType: '.maps.Answer' }] }],
    },
  ],
});
const BYTES = toBinary(FileDescriptorSetSchema, SET);

function methodOf(): MethodDefinition {
  const services = loadFileDescriptorSetFromBuffer(Buffer.from(BYTES), { keepCase: true, longs: String });
  const [service] = withMaps([services['maps.Maps'] as unknown as ServiceSource], BYTES);
  return (service as Record<string, MethodDefinition>)['Get'] as MethodDefinition;
}

it('messages of a descriptor set have their maps as objects, however deep, with any keys', () => {
  const { requestSerialize, responseSerialize, responseDeserialize } = methodOf();
  const message = {
    by_flag: { true: 'yes', false: 'no' },
    by_number: { '9007199254740993': Buffer.from([1]), '0': Buffer.from([2]) },
    by_name: { a: { by_flag: { false: 'x' } }, '': { more: [{ by_name: { b: {} } }] } },
    struct: { fields: { n: { number_value: 5 }, s: { struct_value: { fields: { t: { string_value: 'deep' } } } } } },
  };
  const bytes = responseSerialize(message);
  expect(responseDeserialize(bytes)).toEqual(message);
  expect(requestSerialize(message)).toEqual(bytes);
});

it('what does not fit is left to the serialiser, and what is given is not changed', () => {
  const { responseSerialize } = methodOf();
  expect(() => responseSerialize({ by_name: 'none' })).toThrow('by_name');
  expect(() => responseSerialize({ by_name: { a: 5 } })).toThrow('object expected');
  const message = Object.freeze({ by_flag: Object.freeze({ true: 'yes' }) });
  expect(responseSerialize(message)).toEqual(responseSerialize({ by_flag: { true: 'yes' } }));
  for (const other of [undefined, null, 5]) expect(() => responseSerialize(other)).toThrow();
});
