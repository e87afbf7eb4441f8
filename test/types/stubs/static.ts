import type { deserialize, MethodDefinition, ServiceDefinition, serialize } from '@grpc/grpc-js';
import type { StaticAnswer, StaticQuestion } from '../../grpc/helpers/static-stub.ts';

// What grpc_tools_node_protoc_ts writes beside `protoc --js_out --grpc_out=grpc_js`, one interface for each method.

interface Serialisers extends MethodDefinition<StaticQuestion, StaticAnswer> {
  requestSerialize: serialize<StaticQuestion>;
  requestDeserialize: deserialize<StaticQuestion>;
  responseSerialize: serialize<StaticAnswer>;
  responseDeserialize: deserialize<StaticAnswer>;
}

interface IScriptedServiceIUnary extends Serialisers {
  path: '/scripted.v1.Scripted/Unary';
  requestStream: false;
  responseStream: false;
}

interface IScriptedServiceIUpload extends Serialisers {
  path: '/scripted.v1.Scripted/Upload';
  requestStream: true;
  responseStream: false;
}

interface IScriptedServiceIDownload extends Serialisers {
  path: '/scripted.v1.Scripted/Download';
  requestStream: false;
  responseStream: true;
}

interface IScriptedServiceIChat extends Serialisers {
  path: '/scripted.v1.Scripted/Chat';
  requestStream: true;
  responseStream: true;
}

/** `IScriptedService` of grpc_tools_node_protoc_ts. */
export interface StaticScriptedService extends ServiceDefinition {
  unary: IScriptedServiceIUnary;
  upload: IScriptedServiceIUpload;
  download: IScriptedServiceIDownload;
  chat: IScriptedServiceIChat;
}
