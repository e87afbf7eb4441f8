import { join } from 'node:path';
import {
  type CallOptions,
  type ChannelCredentials,
  type Client,
  type ClientDuplexStream,
  type ClientOptions,
  type ClientReadableStream,
  type ClientUnaryCall,
  type ClientWritableStream,
  loadPackageDefinition,
  type Metadata,
  type requestCallback,
  type ServiceDefinition,
} from '@grpc/grpc-js';
import { loadSync, type Options } from '@grpc/proto-loader';

/** The four call types, by the names that client methods have. */
export const CALL_TYPES = ['unary', 'upload', 'download', 'chat'] as const;

/** The name of a method of a client of the scripted service: one method for each call type. */
export type CallType = (typeof CALL_TYPES)[number];

/** The service's full name. */
export const SCRIPTED = 'scripted.v1.Scripted';

/** A method's full name, `pkg.Service/Method`. */
export function methodName(type: CallType): string {
  return `${SCRIPTED}/${type.charAt(0).toUpperCase()}${type.slice(1)}`;
}

/** Whether the caller sends a stream. */
export function sendsStream(type: CallType): boolean {
  return type === 'upload' || type === 'chat';
}

/** Whether the caller receives a stream. */
export function receivesStream(type: CallType): boolean {
  return type === 'download' || type === 'chat';
}

/** A request message; fields as proto-loader spells them with `keepCase`. */
export interface Question {
  model_name?: string;
  owner?: { tenant?: string; priority?: number };
  payload?: Buffer;
  account?: string | number;
  watchers?: { tenant?: string }[];
}

/** The fields of a response message that most tests look at. */
export interface Answer {
  text: string;
  item_index: number;
  payload: Buffer;
  weights: number[];
  /** Undefined where the answer has none. */
  note?: string;
}

/** A client of the scripted service. */
export interface ScriptedClient extends Client {
  unary(question: Question, metadata: Metadata, options: CallOptions, callback: requestCallback<Answer>): ClientUnaryCall;
  upload(metadata: Metadata, options: CallOptions, callback: requestCallback<Answer>): ClientWritableStream<Question>;
  download(question: Question, metadata: Metadata, options: CallOptions): ClientReadableStream<Answer>;
  chat(metadata: Metadata, options: CallOptions): ClientDuplexStream<Question, Answer>;
}

/** The class of such clients. */
export interface ScriptedClientConstructor {
  new (target: string, credentials: ChannelCredentials, options?: ClientOptions): ScriptedClient;
  readonly service: ServiceDefinition;
}

const PROTO = join(import.meta.dirname, '../../protos/scripted.proto');

/** Loads the service, with the loader's options of the caller's choice. */
export function loadScripted(
  options: Options = { keepCase: true, longs: String, enums: String, defaults: true },
): ScriptedClientConstructor {
  const loaded = loadPackageDefinition(loadSync(PROTO, options)) as unknown as {
    scripted: { v1: { Scripted: ScriptedClientConstructor } };
  };
  return loaded.scripted.v1.Scripted;
}

/** The client class that most tests use. */
export const Scripted: ScriptedClientConstructor = loadScripted();
