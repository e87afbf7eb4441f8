import { fileURLToPath } from 'node:url';
import type { MethodDefinition } from '@grpc/grpc-js';
import { loadSync, type MessageTypeDefinition, type ServiceDefinition } from '@grpc/proto-loader';
import { describe, expect, test } from 'vitest';
import { bytes, chunk, float32, float64, number, varint } from './wire.ts';

const file = fileURLToPath(new URL('../../protos/open_inference.proto', import.meta.url));
const definition = loadSync(file, { keepCase: true, longs: Number, defaults: true, arrays: true, oneofs: true });
const service = definition['inference.GRPCInferenceService'] as ServiceDefinition;

function codec(message: string): { encode: (value: object) => Buffer; decode: (wire: Uint8Array) => unknown } {
  const type = definition[`inference.${message}`] as MessageTypeDefinition<object, object>;
  return { encode: (value) => type.serialize(value), decode: (wire) => type.deserialize(Buffer.from(wire)) };
}

/** Messages with the bytes that MLServer's and Triton's field numbers make of them, put together by hand. */
const cases: readonly { message: string; value: object; wire: Uint8Array }[] = [
  { message: 'ServerLiveResponse', value: { live: true }, wire: varint(1, 1) },
  { message: 'ServerReadyResponse', value: { ready: true }, wire: varint(1, 1) },
  { message: 'ModelReadyRequest', value: { name: 'm', version: '3' }, wire: bytes(chunk(1, 'm'), chunk(2, '3')) },
  {
    message: 'ServerMetadataResponse',
    value: { name: 'n', version: 'v', extensions: ['a', 'b'] },
    wire: bytes(chunk(1, 'n'), chunk(2, 'v'), chunk(3, 'a'), chunk(3, 'b')),
  },
  {
    message: 'ModelMetadataResponse',
    value: {
      name: 'm',
      versions: ['1'],
      platform: 'p',
      inputs: [{ name: 'x', datatype: 'FP32', shape: [-1, 4], parameters: { k: { bool_param: true } } }],
      outputs: [{ name: 'y', datatype: 'INT64', shape: [1] }],
      parameters: { q: { string_param: 's' } },
    },
    wire: bytes(
      chunk(1, 'm'),
      chunk(2, '1'),
      chunk(3, 'p'),
      chunk(
        4,
        bytes(
          chunk(1, 'x'),
          chunk(2, 'FP32'),
          chunk(3, bytes(number(-1), number(4))),
          chunk(4, bytes(chunk(1, 'k'), chunk(2, varint(1, 1)))),
        ),
      ),
      chunk(5, bytes(chunk(1, 'y'), chunk(2, 'INT64'), chunk(3, number(1)))),
      chunk(6, bytes(chunk(1, 'q'), chunk(2, chunk(3, 's')))),
    ),
  },
  {
    message: 'ModelInferRequest',
    value: {
      model_name: 'm',
      model_version: '2',
      id: 'i',
      parameters: { p: { int64_param: 7 } },
      inputs: [
        {
          name: 'x',
          datatype: 'FP32',
          shape: [1, 2],
          parameters: { k: { bool_param: true } },
          contents: { fp32_contents: [0.5, -2] },
        },
      ],
      outputs: [{ name: 'y', parameters: { b: { double_param: 0.25 } } }],
      raw_input_contents: [Buffer.from([9, 8])],
    },
    wire: bytes(
      chunk(1, 'm'),
      chunk(2, '2'),
      chunk(3, 'i'),
      chunk(4, bytes(chunk(1, 'p'), chunk(2, varint(2, 7)))),
      chunk(
        5,
        bytes(
          chunk(1, 'x'),
          chunk(2, 'FP32'),
          chunk(3, bytes(number(1), number(2))),
          chunk(4, bytes(chunk(1, 'k'), chunk(2, varint(1, 1)))),
          chunk(5, chunk(6, bytes(float32(0.5), float32(-2)))),
        ),
      ),
      chunk(6, bytes(chunk(1, 'y'), chunk(2, bytes(chunk(1, 'b'), chunk(2, bytes(Uint8Array.of((4 << 3) | 1), float64(0.25))))))),
      chunk(7, Uint8Array.of(9, 8)),
    ),
  },
  {
    message: 'ModelInferResponse',
    value: {
      model_name: 'm',
      model_version: '2',
      id: 'i',
      parameters: { p: { uint64_param: 5 } },
      outputs: [
        {
          name: 'y',
          datatype: 'FP64',
          shape: [1],
          parameters: { k: { string_param: 's' } },
          contents: { fp64_contents: [0.75] },
        },
      ],
      raw_output_contents: [Buffer.from([1]), Buffer.from([2, 3])],
    },
    wire: bytes(
      chunk(1, 'm'),
      chunk(2, '2'),
      chunk(3, 'i'),
      chunk(4, bytes(chunk(1, 'p'), chunk(2, varint(5, 5)))),
      chunk(
        5,
        bytes(
          chunk(1, 'y'),
          chunk(2, 'FP64'),
          chunk(3, number(1)),
          chunk(4, bytes(chunk(1, 'k'), chunk(2, chunk(3, 's')))),
          chunk(5, chunk(7, float64(0.75))),
        ),
      ),
      chunk(6, Uint8Array.of(1)),
      chunk(6, Uint8Array.of(2, 3)),
    ),
  },
  {
    message: 'InferTensorContents',
    value: {
      bool_contents: [true, false],
      int_contents: [-1],
      int64_contents: [300],
      uint_contents: [1],
      uint64_contents: [2],
      fp32_contents: [1.5],
      fp64_contents: [2.5],
      bytes_contents: [Buffer.from('a')],
    },
    wire: bytes(
      chunk(1, Uint8Array.of(1, 0)),
      chunk(2, number(-1)),
      chunk(3, number(300)),
      chunk(4, number(1)),
      chunk(5, number(2)),
      chunk(6, float32(1.5)),
      chunk(7, float64(2.5)),
      chunk(8, 'a'),
    ),
  },
  {
    message: 'ModelStreamInferResponse',
    value: { error_message: 'e', infer_response: { model_name: 'm' } },
    wire: bytes(chunk(1, 'e'), chunk(2, chunk(1, 'm'))),
  },
];

describe('protos/open_inference.proto', () => {
  test.each(cases)('$message has the field numbers of the real servers', ({ message, value, wire }) => {
    const { encode, decode } = codec(message);
    expect(encode(value).toString('hex')).toBe(Buffer.from(wire).toString('hex'));
    expect(decode(wire)).toMatchObject(value);
  });

  test.each(cases)('$message survives a round trip', ({ message, value }) => {
    const { encode, decode } = codec(message);
    expect(decode(encode(value))).toMatchObject(value);
  });

  test('the values of a parameter share one oneof', () => {
    for (const value of [
      { bool_param: true },
      { int64_param: 1 },
      { string_param: 's' },
      { double_param: 1 },
      { uint64_param: 1 },
    ]) {
      const { encode, decode } = codec('InferParameter');
      expect(decode(encode(value))).toEqual({ ...value, parameter_choice: Object.keys(value)[0] });
    }
  });

  test('fields that it does not know are skipped', () => {
    expect(codec('ModelReadyResponse').decode(bytes(varint(1, 1), chunk(99, 'later')))).toMatchObject({ ready: true });
  });

  test('the methods are those of KServe, and the stream is that of Triton', () => {
    const methods = Object.values(service) as MethodDefinition<object, object>[];
    expect(methods.map(({ path, requestStream, responseStream }) => [path, requestStream, responseStream])).toEqual([
      ['/inference.GRPCInferenceService/ServerLive', false, false],
      ['/inference.GRPCInferenceService/ServerReady', false, false],
      ['/inference.GRPCInferenceService/ModelReady', false, false],
      ['/inference.GRPCInferenceService/ServerMetadata', false, false],
      ['/inference.GRPCInferenceService/ModelMetadata', false, false],
      ['/inference.GRPCInferenceService/ModelInfer', false, false],
      ['/inference.GRPCInferenceService/ModelStreamInfer', true, true],
    ]);
    const envelope = service['ModelStreamInfer']?.responseDeserialize(Buffer.from(chunk(1, 'broken')));
    expect(envelope).toMatchObject({ error_message: 'broken' });
  });
});
