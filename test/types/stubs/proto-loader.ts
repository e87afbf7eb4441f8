import type { ServiceDefinition } from '@grpc/grpc-js';
import type { Long, MethodDefinition } from '@grpc/proto-loader';

// What `proto-loader-gen-types --keepCase --longs=String --enums=String --defaults --grpcLib=@grpc/grpc-js` makes of
// test/protos/scripted.proto, in one file.

type Side = 'HOLD' | 0 | 'BUY' | 1 | 'SELL' | 2;

interface Owner {
  tenant?: string;
  priority?: number;
}

interface OwnerOutput {
  tenant: string;
  priority: number;
}

/** `Question`: what callers send. */
export interface LoaderQuestion {
  model_name?: string;
  owner?: Owner | null;
  payload?: Buffer | Uint8Array | string;
  account?: number | string | Long;
  watchers?: Owner[];
}

interface QuestionOutput {
  model_name: string;
  owner: OwnerOutput | null;
  payload: Buffer;
  account: string;
  watchers: OwnerOutput[];
}

/** `Answer`: what servers send. */
export interface LoaderAnswer {
  text?: string;
  item_index?: number;
  payload?: Buffer | Uint8Array | string;
  side?: Side;
  score?: number | string;
  confidence?: number | string;
  is_stale?: boolean;
  volume?: number | string | Long;
  weights?: (number | string)[];
  counts?: { [key: string]: number };
  owners?: { [key: string]: Owner };
  note?: string;
  error_code?: number;
  decided_by?: Owner | null;
  rank?: number;
  owner?: Owner | null;
  shares?: Owner[];
  sides?: Side[];
  reason?: 'note' | 'error_code' | 'decided_by';
  _rank?: 'rank';
}

/** `Answer__Output`: what callers receive. */
export interface LoaderAnswerOutput {
  text: string;
  item_index: number;
  payload: Buffer;
  side: 'HOLD' | 'BUY' | 'SELL';
  score: number;
  confidence: number;
  is_stale: boolean;
  volume: string;
  weights: number[];
  counts: { [key: string]: number };
  owners: { [key: string]: OwnerOutput };
  note?: string;
  error_code?: number;
  decided_by?: OwnerOutput | null;
  rank?: number;
  owner: OwnerOutput | null;
  shares: OwnerOutput[];
  sides: ('HOLD' | 'BUY' | 'SELL')[];
}

/** `ScriptedDefinition` of proto-loader-gen-types. */
export interface LoaderScriptedDefinition extends ServiceDefinition {
  Chat: MethodDefinition<LoaderQuestion, LoaderAnswer, QuestionOutput, LoaderAnswerOutput>;
  Download: MethodDefinition<LoaderQuestion, LoaderAnswer, QuestionOutput, LoaderAnswerOutput>;
  Unary: MethodDefinition<LoaderQuestion, LoaderAnswer, QuestionOutput, LoaderAnswerOutput>;
  Upload: MethodDefinition<LoaderQuestion, LoaderAnswer, QuestionOutput, LoaderAnswerOutput>;
}
