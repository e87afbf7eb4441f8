import { Metadata, type ServerDuplexStream, status as Status } from '@grpc/grpc-js';
import type { SeenCall } from './scripted-server.ts';
import type { Question } from './scripted-service.ts';

/** What the server does with a call. Without any of it: a single answer once the caller has half-closed, and OK. */
export interface Script {
  /** Milliseconds before it does anything. */
  delayMs?: number;
  /** Initial metadata. */
  headers?: Record<string, string>;
  /** How many answers. @default 1 */
  answers?: number;
  /** Milliseconds between two answers. */
  gapMs?: number;
  /** One answer reports a failure, in its field `note` and under whatever status follows. */
  note?: { at: number; text: string };
  /** Each answer, and the status, waits for `SeenCall.steps`. */
  steps?: boolean;
  /** Bytes of payload in each answer. */
  size?: number;
  /** The status code at the end. @default OK */
  code?: number;
  details?: string;
  trailers?: Record<string, string>;
  /** Answers at once rather than when the caller has sent everything. */
  early?: boolean;
  /** Takes no request from the transport. */
  stopReading?: boolean;
  /** Answers each request as it comes, with its model name. */
  echo?: boolean;
  /** Does nothing more, after the headers and answers that are asked for. */
  hang?: boolean;
  /** Drops the connection, after the headers and answers that are asked for. */
  drop?: boolean;
  /** Bytes that are no message, in place of each answer. */
  garbage?: boolean;
  /** The same in place of one answer. */
  garbageAt?: number;
  /** The first so many attempts of the call `id` end with this code, and nothing else. */
  failFirst?: { id: string; attempts: number; code: number };
  /** Milliseconds between the last answer and the status. */
  statusDelayMs?: number;
}

/** The metadata entry that the script travels in. */
const SCRIPT_ENTRY = 'test-script-bin';

/** Metadata that asks the server for a script. */
export function scripted(script: Script, metadata: Metadata = new Metadata()): Metadata {
  metadata.set(SCRIPT_ENTRY, Buffer.from(JSON.stringify(script)));
  return metadata;
}

function metadataOf(entries: Record<string, string> = {}): Metadata {
  return Metadata.fromHttp2Headers(entries);
}

function pause(ms: number | undefined): Promise<void> {
  return ms === undefined ? Promise.resolve() : new Promise((resolve) => setTimeout(resolve, ms));
}

/** Plays the script of a call. */
export function runScript(
  call: ServerDuplexStream<Question, unknown>,
  seen: SeenCall,
  attempts: Map<string, number>,
  dropConnections: () => void,
): void {
  const entry = call.metadata.get(SCRIPT_ENTRY)[0];
  const script = entry === undefined ? {} : (JSON.parse(entry.toString()) as Script);
  const send = (index: number, text: string) => {
    if (call.cancelled) return;
    const note = script.note?.at === index ? { note: script.note.text } : {};
    const answer = { text, item_index: index, payload: Buffer.alloc(script.size ?? 0, 1), ...note };
    call.write(script.garbage === true || script.garbageAt === index ? Buffer.from([0xff, 0xff, 0xff]) : answer, () => {
      seen.written++;
    });
  };

  call.on('error', () => {}); // The caller is gone: what they see is tested on their side.
  call.on('cancelled', () => {
    seen.cancelled = true;
  });
  const allReceived = new Promise<void>((resolve) => {
    if (script.stopReading === true) return;
    call.on('data', (question: Question) => {
      seen.received.push(question);
      if (script.echo === true) send(seen.received.length - 1, question.model_name ?? '');
    });
    call.on('end', () => {
      seen.halfClosed = true;
      resolve();
    });
  });

  const step = async () => {
    if (script.steps === true) await seen.steps.next();
  };

  const play = async (): Promise<void> => {
    if (script.early !== true) await allReceived;
    await pause(script.delayMs);
    if (script.failFirst !== undefined) {
      const { id, attempts: toFail, code } = script.failFirst;
      const attempt = (attempts.get(id) ?? 0) + 1;
      attempts.set(id, attempt);
      if (attempt <= toFail) return end(code, `attempt ${attempt}`);
    }
    if (script.headers !== undefined) call.sendMetadata(metadataOf(script.headers));
    for (let index = 0; index < (script.echo === true ? 0 : (script.answers ?? 1)); index++) {
      if (index > 0) await pause(script.gapMs);
      await step();
      send(index, `answer ${index}`);
    }
    await pause(script.statusDelayMs);
    await step();
    if (script.drop === true) dropConnections();
    if (script.drop === true || script.hang === true) return;
    end(script.code ?? Status.OK, script.details ?? '');
  };
  const end = (code: number, details: string) => {
    const metadata = metadataOf(script.trailers);
    if (code === Status.OK) call.end(metadata);
    else call.emit('error', { code, details, metadata });
  };
  void play();
}
