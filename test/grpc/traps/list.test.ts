import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

// Every trap of grpc-js that an interceptor can fall into, and the test that stands there. What is listed has to exist.

const TRAPS: readonly (readonly [trap: string, file: string, test: string])[] = [
  // Order
  [
    'unary: everything happens before the client method returns',
    'traps/attachment',
    'a unary call is under way when the client method returns',
  ],
  [
    'streams: one startRead for each read, in both directions',
    'transparency/streams',
    'a slow reader gets all messages in order',
  ],
  ['writes carry a callback', 'transparency/calls', 'requests one by one'],
  ['interceptors outside and inside see the same order', 'transparency/interceptors', 'interceptors around a closed breaker'],
  ['retries and hedging happen below, as one call', 'transparency/retries', 'two failed attempts and a good one are one success'],
  ['a timeout of the service config is not seen above', 'transparency/retries', 'its timeout ends the call, as a failure'],
  ['the least deadline of option and parent counts', 'parent', 'has the earlier of both deadlines'],
  // Answering locally
  ['a next call counts on the channel', 'traps/channel', 'does not count on the channel'],
  ['a next call wakes an idle channel', 'traps/channel', 'does not wake an idle channel'],
  ['a channel that is called all the time never goes idle', 'traps/channel', 'lets a channel go idle'],
  ['a next call arms a deadline timer', 'traps/channel', 'arms no deadline timer'],
  ['the next call throws after client.close()', 'traps/channel', 'ends with an error instead of throwing'],
  ['OK: metadata, message, status', 'traps/local-answer', 'a fallback: metadata, messages, status, and no null after a message'],
  ['not OK: null and then the status', 'traps/local-answer', 'a rejection: null before the status'],
  [
    'retrying interceptors outside crash without the null',
    'traps/local-answer',
    'a retrying interceptor outside works with rejections',
  ],
  ['delivered at once, events are lost and streams throw', 'traps/local-answer', 'comes after the client method has returned'],
  ['delivered in a microtask, retries starve timers', 'traps/local-answer', 'starves neither timers nor I/O'],
  ['streams follow startRead', 'traps/local-answer', 'a stream follows its reader'],
  [
    'messages pushed at once are lost behind an asynchronous interceptor',
    'traps/local-answer',
    'a stream loses nothing under an asynchronous',
  ],
  ['startRead before start', 'traps/listening', 'a read before the start is not lost'],
  ['cancelWithStatus before start', 'traps/listening', 'a cancel before the start ends the call'],
  ['the context’s callback must be called', 'traps/local-answer', 'calls back every write of a client stream'],
  ['called back at once, a pipe never yields', 'traps/local-answer', 'an endless source that is piped into a rejected call'],
  ['listeners may be partial or absent', 'traps/listening', 'calls, rejections and fallbacks pass without a sound'],
  ['what comes after the status is to be ignored', 'traps/listening', 'nothing comes after the status'],
  ['a cancel while a local answer is on its way', 'traps/listening', 'is on its way is the status, once'],
  ['without a next call nobody keeps the deadline', 'deadline', 'is kept while the key waits for the request'],
  ['without a next call nobody hears the parent', 'parent', 'cancel, without reaching the server'],
  // Reading an outcome
  ['statuses of the server, with and without headers', 'outcome/server-status', 'is a $expected'],
  ['texts of this side’s faults, sent by a server', 'outcome/server-status', 'is a failure when the server says it'],
  ['the caller’s cancel', 'outcome/this-side', 'the caller cancels in flight'],
  ['a request that is too large or not serialisable', 'outcome/this-side', 'a request is not serialisable'],
  ['an answer that is too large or not parsable', 'outcome/this-side', 'an answer is not parsable'],
  ['call credentials that fail', 'outcome/this-side', 'call credentials fail with'],
  ['a deadline that is past at the start', 'outcome/this-side', 'the deadline was past at the start'],
  ['refused connections, names, drops', 'outcome/unreachable', 'refuses connections, has no name, drops the connection'],
  ['a deadline while waiting for a connection', 'outcome/unreachable', 'takes connections and says nothing'],
  ['refused streams, HTTP statuses, resets', 'outcome/unreachable', 'an answer of something that is no gRPC server'],
  ['a server that shuts down cancels its calls', 'outcome/unreachable', 'shuts down, is away, and comes back'],
  ['break in a for-await does not cancel', 'outcome/consumer', 'it left its for-await, and the server goes on'],
  ['a parent’s deadline arrives as a cancel', 'parent', 'whose deadline passes missed its deadline'],
  ['two answers to a unary call', 'outcome/this-side', 'two answers to a call that has one'],
  ['deadlines that fire late in a blocked process', 'outcome/stall', 'does not blame a server that answers in 20 ms'],
  ['partial statuses of interceptors below', 'traps/listening', 'a partial status of an interceptor below'],
  ['clients whose timeouts cancel', 'outcome/this-side', 'clients whose timeouts cancel are told apart'],
  ['clients that cancel every bidi call after its end', 'outcome/this-side', 'a cancel after the end changes nothing'],
  ['clients that retry UNAVAILABLE above', 'traps/attachment', 'a client above that retries UNAVAILABLE'],
  ['clients that recreate their channels', 'traps/attachment', 'clients that are made anew after errors'],
  ['streams that stay open for hours', 'outcome/consumer', 'watch streams that stay open for hours'],
  // Method, target, fallback messages
  ['key on the path', 'traps/attachment', 'breakers are told apart by target and by path'],
  ['no responseSerialize in the method definition', '../fallback/stubs', 'has the shape of the caller’s stubs'],
  ['serialisers drop unknown fields and coerce', '../fallback/message-check', 'an unknown field with a default value'],
  ['a shared message is changed by its first caller', '../fallback/serving', 'is a message of its own for each call'],
  ['interceptors of a call replace the client’s', 'traps/attachment', 'interceptors of the call, which replace the client’s'],
  ['message transforms are lost behind an asynchronous start', 'transparency/interceptors', 'everything asynchronous'],
];

describe('the list of traps', () => {
  it.each(TRAPS)('%s', (_trap, file, test) => {
    expect(readFileSync(join(import.meta.dirname, '..', `${file}.test.ts`), 'utf8')).toContain(test);
  });
});
