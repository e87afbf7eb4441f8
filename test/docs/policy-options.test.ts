import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type {
  FallbackCallOptions,
  FallbackErrorOptions,
  FallbackOptions,
  FallbackSourceOptions,
  LastGoodOptions,
  MethodPolicyOptions,
  Policy,
  StreamOptions,
} from '../../src/index.ts';

const text = readFileSync('docs/policy.md', 'utf8');

/** Each option of a type, once: the compiler sees to it that none is missing. */
type Each<Options> = Record<keyof Options, true>;

const METHOD: Each<MethodPolicyOptions> = {
  name: true,
  key: true,
  deadline: true,
  trip: true,
  openFor: true,
  backoff: true,
  jitter: true,
  trials: true,
  lease: true,
  rampUp: true,
  stability: true,
  maxConcurrent: true,
  shed: true,
  cancelledAfter: true,
  minBudget: true,
  mode: true,
  failureCodes: true,
  classify: true,
  failureWhen: true,
  staleAfter: true,
  stream: true,
  rejectionStatus: true,
  fallback: true,
};
const POLICY: Each<Policy> = { protos: true, maxBreakers: true, methods: true };
const STREAM: Each<StreamOptions> = { firstMessageWithin: true, messageGap: true, midStream: true, success: true };
const FALLBACK: Each<FallbackOptions> = { on: true, sources: true };
const SOURCE: Each<FallbackSourceOptions> = {
  message: true,
  messages: true,
  function: true,
  lastGood: true,
  call: true,
  error: true,
  name: true,
  when: true,
  timeout: true,
  method: true,
};
const LAST_GOOD: Each<LastGoodOptions> = {
  maxAge: true,
  key: true,
  identity: true,
  maxEntries: true,
  maxBytes: true,
  refreshAfter: true,
};
const CALL: Each<FallbackCallOptions> = {
  client: true,
  method: true,
  request: true,
  response: true,
  share: true,
  forwardMetadata: true,
};
const ERROR: Each<FallbackErrorOptions> = {
  code: true,
  message: true,
  reason: true,
  domain: true,
  metadata: true,
  retryAfter: true,
  details: true,
};

const TABLES: Readonly<Record<string, object>> = {
  "option of a method's policy": METHOD,
  'option of the whole policy': POLICY,
  'option of `stream`': STREAM,
  'option of `fallback`': FALLBACK,
  'option of a source': SOURCE,
  'option of `lastGood`': LAST_GOOD,
  'option of `call`': CALL,
  'option of `error`': ERROR,
};

/** The options that a table of the page lists, by its first column. */
function listed(title: string): string[] {
  const from = text.indexOf(`\n| ${title} |`);
  if (from < 0) throw new Error(`docs/policy.md has no table "${title}"`);
  const [, , ...rows] = text.slice(from + 1, text.indexOf('\n\n', from + 1)).split('\n');
  return rows.flatMap((row) => Array.from((row.split(' | ')[0] ?? '').matchAll(/`(\w+)`/g), (match) => match[1] as string));
}

describe('docs/policy.md', () => {
  it.each(Object.entries(TABLES))('lists each %s, and nothing else', (title, options) => {
    expect(listed(title).toSorted()).toEqual(Object.keys(options).toSorted());
  });
});
