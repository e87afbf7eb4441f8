import { makeGenericClientConstructor, type ServiceDefinition } from '@grpc/grpc-js';
import { loadScripted, type ScriptedClientConstructor } from './scripted-service.ts';

// What ts-proto makes with `outputServices=grpc-js`, by hand: messages are plain objects with names in camel case and every field
// set, encoded by field access, so that a field that is missing throws. The bytes come from proto-loader.

const wire = loadScripted({ keepCase: false, longs: Number, enums: Number, defaults: true, oneofs: false }).service;

/** `scripted.v1.Question` as ts-proto has it. */
export interface TsQuestion {
  modelName: string;
  owner?: { tenant: string; priority: number } | undefined;
  payload: Buffer;
  account: number;
  watchers: { tenant: string; priority: number }[];
}

/** `scripted.v1.Answer` as ts-proto has it, with the fields that the tests use. */
export interface TsAnswer {
  text: string;
  itemIndex: number;
  payload: Buffer;
  weights: number[];
}

/** As ts-proto's `createBaseQuestion`. */
export function createBaseQuestion(): TsQuestion {
  return { modelName: '', owner: undefined, payload: Buffer.alloc(0), account: 0, watchers: [] };
}

/** As ts-proto's `createBaseAnswer`. */
export function createBaseAnswer(): TsAnswer {
  return { text: '', itemIndex: 0, payload: Buffer.alloc(0), weights: [] };
}

/** Reads every field that the type has, as generated code does, and throws on one that is missing. */
function encode<T extends object>(base: T, message: T, serialize: (value: object) => Buffer): Buffer {
  const fields: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(base)) {
    const own = (message as Record<string, unknown>)[key];
    if (own === undefined && value !== undefined) throw new TypeError(`Cannot read properties of undefined (reading '${key}')`);
    fields[key] = own;
  }
  return serialize(fields);
}

function decode<T extends object>(base: T, fields: object): T {
  const message = { ...base } as Record<string, unknown>;
  for (const key of Object.keys(base)) message[key] = (fields as Record<string, unknown>)[key] ?? undefined;
  return message as T;
}

const unary = wire['Unary'] as ServiceDefinition[string];

function method(name: string, requestStream: boolean, responseStream: boolean): ServiceDefinition[string] {
  return {
    path: `/scripted.v1.Scripted/${name}`,
    requestStream,
    responseStream,
    requestSerialize: (value: TsQuestion) => encode(createBaseQuestion(), value, unary.requestSerialize),
    requestDeserialize: (bytes: Buffer) => decode(createBaseQuestion(), unary.requestDeserialize(bytes) as object),
    responseSerialize: (value: TsAnswer) => encode(createBaseAnswer(), value, unary.responseSerialize),
    responseDeserialize: (bytes: Buffer) => decode(createBaseAnswer(), unary.responseDeserialize(bytes) as object),
  };
}

/** The service definition as the generator writes it. */
const TsScriptedService: ServiceDefinition = {
  unary: method('Unary', false, false),
  upload: method('Upload', true, false),
  download: method('Download', false, true),
  chat: method('Chat', true, true),
};

/** The client constructor as the generator writes it. */
export const TsScripted: ScriptedClientConstructor = makeGenericClientConstructor(
  TsScriptedService,
  'scripted.v1.Scripted',
) as unknown as ScriptedClientConstructor;
