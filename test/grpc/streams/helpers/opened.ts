import type { CallOptions, ClientReadableStream, ServiceError, StatusObject } from '@grpc/grpc-js';
import { vi } from 'vitest';
import { ManualClock } from '../../../../src/testing/index.ts';
import { turns } from '../../helpers/quiet.ts';
import { type Script, scripted } from '../../helpers/script.ts';
import {
  type Answer,
  type CallType,
  methodName,
  type Question,
  SCRIPTED,
  type ScriptedClient,
} from '../../helpers/scripted-service.ts';

/** The two call types with streamed responses. */
export const STREAMS = ['download', 'chat'] as const satisfies readonly CallType[];

/** The part of a policy that says for which of the two methods it is. */
export function only(type: CallType): { name: { service: string; method: string }[] } {
  return { name: [{ service: SCRIPTED, method: methodName(type).slice(SCRIPTED.length + 1) }] };
}

/** A clock that stands still until it is moved, and counts how often it is looked at: while nothing else goes on, once per tick of the calls under way. */
export class WatchedClock extends ManualClock {
  looks = 0;

  override now(): number {
    this.looks++;
    return super.now();
  }

  /** Moves it, and waits until the calls under way have been looked at since. */
  async pass(ms: number): Promise<void> {
    this.advance(ms);
    await this.looked();
  }

  /** Waits until the calls under way have been looked at. */
  async looked(): Promise<void> {
    const before = this.looks;
    await vi.waitUntil(() => this.looks >= before + 2, { interval: 2, timeout: 5_000 });
    await turns(2); // A look follows its tick by a turn.
  }
}

/** A stream that a test follows as it goes on. */
export interface Opened {
  /** What grpc-js made for it. */
  readonly call: ClientReadableStream<Answer>;
  readonly messages: Answer[];
  readonly texts: readonly string[];
  /** Set when it has ended. */
  readonly status: StatusObject | undefined;
  readonly error: ServiceError | undefined;
  /** Settles with its status. */
  readonly ended: Promise<StatusObject>;
  /** Settles when so many messages have come. */
  received(count: number): Promise<void>;
  send(question?: Question): void;
  /** Ends the requests. */
  end(): void;
  cancel(): void;
  pause(): void;
  resume(): void;
}

/** How a stream is opened. */
export interface Opening {
  readonly script?: Script;
  /** Sent at once, on a bidi stream. @default one request */
  readonly requests?: readonly Question[];
  /** Does not end its requests. */
  readonly keepOpen?: boolean;
  readonly options?: CallOptions;
  /** Reads nothing until `resume`. */
  readonly paused?: boolean;
}

/** Opens a stream. Its consumer takes messages as they come. */
export function openStream(client: ScriptedClient, type: (typeof STREAMS)[number], opening: Opening = {}): Opened {
  const { script = {}, requests = [{}], keepOpen = false, options = {}, paused = false } = opening;
  const chat = type === 'chat' ? client.chat(scripted(script), options) : undefined;
  const call: ClientReadableStream<Answer> = chat ?? client.download(requests[0] ?? {}, scripted(script), options);
  const messages: Answer[] = [];
  let status: StatusObject | undefined;
  let error: ServiceError | undefined;
  const ended = new Promise<StatusObject>((resolve) => {
    call.on('status', (given: StatusObject) => {
      status = given;
      resolve(given);
    });
  });
  call.on('error', (given: ServiceError) => {
    error = given;
  });
  const flow = () => void call.on('data', (message: Answer) => messages.push(message));
  if (!paused) flow();
  for (const request of chat === undefined ? [] : requests) chat?.write(request);
  if (!keepOpen) chat?.end();
  return {
    call,
    messages,
    get texts() {
      return messages.map(({ text }) => text);
    },
    get status() {
      return status;
    },
    get error() {
      return error;
    },
    ended,
    received: async (count) => {
      await vi.waitUntil(() => messages.length >= count, { interval: 2, timeout: 5_000 });
    },
    send: (question = {}) => void chat?.write(question),
    end: () => void chat?.end(),
    cancel: () => call.cancel(),
    pause: () => void call.pause(),
    resume: () => {
      if (call.listenerCount('data') === 0) flow();
      call.resume();
    },
  };
}
