import type { TsAnswer, TsQuestion } from '../../grpc/helpers/ts-proto-stub.ts';

/** A method's definition as ts-proto's `outputServices=grpc-js` writes it: each property `as const`. */
interface TsMethod<Name extends string, RequestStream extends boolean, ResponseStream extends boolean> {
  readonly path: `/scripted.v1.Scripted/${Name}`;
  readonly requestStream: RequestStream;
  readonly responseStream: ResponseStream;
  readonly requestSerialize: (value: TsQuestion) => Buffer;
  readonly requestDeserialize: (value: Buffer) => TsQuestion;
  readonly responseSerialize: (value: TsAnswer) => Buffer;
  readonly responseDeserialize: (value: Buffer) => TsAnswer;
}

/** `typeof ScriptedService` of ts-proto. */
export interface TsScriptedService {
  readonly unary: TsMethod<'Unary', false, false>;
  readonly upload: TsMethod<'Upload', true, false>;
  readonly download: TsMethod<'Download', false, true>;
  readonly chat: TsMethod<'Chat', true, true>;
}
