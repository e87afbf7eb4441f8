import { makeClientConstructor, type ServiceDefinition } from '@grpc/grpc-js';
import { loadScripted, type ScriptedClientConstructor } from './scripted-service.ts';

// What `protoc --js_out --grpc_out=grpc_js` makes, by hand: message classes with getters, setters, serializeBinary and a static
// deserializeBinary, and a service definition whose serialisers refuse anything else. The bytes come from proto-loader.

const wire = loadScripted({ keepCase: true, longs: String, enums: Number, defaults: true }).service;

type Fields = Record<string, unknown>;

abstract class StaticMessage {
  protected readonly fields: Fields;

  constructor(fields: Fields = {}) {
    this.fields = fields;
  }

  abstract serializeBinary(): Uint8Array;

  /** As google-protobuf's: a plain object with names in camel case. */
  toObject(): Fields {
    return { text: this.fields['text'], itemIndex: this.fields['item_index'] };
  }
}

/** `scripted.v1.Question`, with the fields that the tests use. */
export class StaticQuestion extends StaticMessage {
  getModelName(): string {
    return (this.fields['model_name'] as string | undefined) ?? '';
  }
  setModelName(value: string): this {
    this.fields['model_name'] = value;
    return this;
  }
  getOwner(): StaticOwner | undefined {
    return this.fields['owner'] === undefined ? undefined : new StaticOwner(this.fields['owner'] as Fields);
  }
  setOwner(value: StaticOwner): this {
    this.fields['owner'] = { tenant: value.getTenant() };
    return this;
  }
  serializeBinary(): Uint8Array {
    return wire['Unary']?.requestSerialize(this.fields) as Buffer;
  }
  static deserializeBinary(bytes: Uint8Array): StaticQuestion {
    return new StaticQuestion(wire['Unary']?.requestDeserialize(Buffer.from(bytes)) as Fields);
  }
}

/** `scripted.v1.Owner`. */
export class StaticOwner {
  readonly #fields: Fields;
  constructor(fields: Fields = {}) {
    this.#fields = fields;
  }
  getTenant(): string {
    return (this.#fields['tenant'] as string | undefined) ?? '';
  }
}

/** `scripted.v1.Answer`, with the fields that the tests use. */
export class StaticAnswer extends StaticMessage {
  getText(): string {
    return (this.fields['text'] as string | undefined) ?? '';
  }
  setText(value: string): this {
    this.fields['text'] = value;
    return this;
  }
  serializeBinary(): Uint8Array {
    return wire['Unary']?.responseSerialize(this.fields) as Buffer;
  }
  static deserializeBinary(bytes: Uint8Array): StaticAnswer {
    return new StaticAnswer(wire['Unary']?.responseDeserialize(Buffer.from(bytes)) as Fields);
  }
}

function serializeQuestion(argument: unknown): Buffer {
  if (!(argument instanceof StaticQuestion)) throw new Error('Expected argument of type scripted.v1.Question');
  return Buffer.from(argument.serializeBinary());
}

function serializeAnswer(argument: unknown): Buffer {
  if (!(argument instanceof StaticAnswer)) throw new Error('Expected argument of type scripted.v1.Answer');
  return Buffer.from(argument.serializeBinary());
}

function method(name: string, requestStream: boolean, responseStream: boolean): ServiceDefinition[string] {
  return {
    path: `/scripted.v1.Scripted/${name}`,
    requestStream,
    responseStream,
    requestSerialize: serializeQuestion,
    requestDeserialize: (bytes: Buffer) => StaticQuestion.deserializeBinary(new Uint8Array(bytes)),
    responseSerialize: serializeAnswer,
    responseDeserialize: (bytes: Buffer) => StaticAnswer.deserializeBinary(new Uint8Array(bytes)),
  };
}

/** The service definition as the generator writes it. */
export const ScriptedService: ServiceDefinition = {
  unary: method('Unary', false, false),
  upload: method('Upload', true, false),
  download: method('Download', false, true),
  chat: method('Chat', true, true),
};

/** The client constructor as the generator writes it. */
export const StaticScripted: ScriptedClientConstructor = makeClientConstructor(
  ScriptedService,
  'scripted.v1.Scripted',
) as unknown as ScriptedClientConstructor;
