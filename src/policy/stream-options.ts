import { z } from 'zod';
import { noted } from './schema-notes.ts';
import { type Duration, durationSchema } from './units.ts';

/** How streamed responses are watched and judged: made for the token streams of language models. */
export interface StreamOptions {
  /** The first message has to come within this time of the request. A failure when passed: the stream is cancelled. @default none */
  firstMessageWithin?: Duration;
  /**
   * Each further message has to come within this time, while the consumer waits for it. A failure when passed: the stream is cancelled. Where
   * requests are streamed too, only while requests are unanswered, or after their end. @default none
   */
  messageGap?: Duration;
  /** What callers get when a stream fails after its first message: the error, or the fallback's messages behind those that came. @default 'error' */
  midStream?: 'error' | 'append';
  /**
   * When a stream that is a half-open trial has succeeded: at its first message, or when it ends well. Watch-like streams, which stay open for hours,
   * want the first; token streams that break off in the middle the second. Closed, a stream counts once, when it ends. @default 'firstMessage'
   */
  success?: 'firstMessage' | 'status';
}

/** {@link StreamOptions} as parsed: milliseconds, Infinity for none. */
export interface StreamConfig {
  readonly firstMessageWithinMs: number;
  readonly messageGapMs: number;
  readonly appends: boolean;
  readonly succeedsAtFirstMessage: boolean;
}

/** Reads {@link StreamOptions}. */
export const streamSchema: z.ZodType<StreamConfig> = noted(
  z.strictObject(
    {
      firstMessageWithin: durationSchema.optional(),
      messageGap: durationSchema.optional(),
      midStream: z.enum(['error', 'append'], { error: 'expected error or append' }).optional(),
      success: z.enum(['firstMessage', 'status'], { error: 'expected firstMessage or status' }).optional(),
    },
    { error: 'expected options such as { messageGap: 500ms }' },
  ),
  { id: 'StreamOptions' },
).transform(({ firstMessageWithin, messageGap, midStream, success }) => ({
  firstMessageWithinMs: firstMessageWithin ?? Infinity,
  messageGapMs: messageGap ?? Infinity,
  appends: midStream === 'append',
  succeedsAtFirstMessage: success !== 'status',
}));
