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
import type { DocumentClient, DocumentTls } from '../../src/policy/document-client.ts';

const text = readFileSync('docs/policy.md', 'utf8');

/** Each option of a type, once: the compiler sees to it that none is missing. */
type Each<Options> = Record<keyof Options, true>;

const METHOD: Each<MethodPolicyOptions> = {
  name: true,
  preset: true,
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
const POLICY: Each<Policy> = {
  $schema: true,
  protos: true,
  maxBreakers: true,
  presets: true,
  clients: true,
  methods: true,
};
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

const CLIENT: Each<DocumentClient> = { target: true, tls: true, options: true };
const TLS: Each<DocumentTls> = { ca: true, cert: true, key: true };

const TABLES: Readonly<Record<string, object>> = {
  "option of a method's policy": METHOD,
  'option of the whole policy': POLICY,
  'option of `stream`': STREAM,
  'option of `fallback`': FALLBACK,
  'option of a source': SOURCE,
  'option of `lastGood`': LAST_GOOD,
  'option of `call`': CALL,
  'option of `error`': ERROR,
  'option of a client': CLIENT,
  'option of `tls`': TLS,
};

/** The options that a table of the page lists, by its first column. */
function listed(title: string): string[] {
  const from = text.indexOf(`\n| ${title} |`);
  if (from < 0) throw new Error(`docs/policy.md has no table "${title}"`);
  const [, , ...rows] = text.slice(from + 1, text.indexOf('\n\n', from + 1)).split('\n');
  return rows.flatMap((row) => Array.from((row.split(' | ')[0] ?? '').matchAll(/`([\w$]+)`/g), (match) => match[1] as string));
}

/** What the tables are called in the JSON Schema; empty for the whole document. */
const DEFINITIONS: Readonly<Record<string, string>> = {
  "option of a method's policy": 'MethodPolicyOptions',
  'option of the whole policy': '',
  'option of `stream`': 'StreamOptions',
  'option of `fallback`': 'FallbackOptions',
  'option of a source': 'FallbackSourceOptions',
  'option of `lastGood`': 'LastGoodOptions',
  'option of `call`': 'FallbackCallOptions',
  'option of `error`': 'FallbackErrorOptions',
  'option of a client': 'DocumentClient',
  'option of `tls`': 'DocumentTls',
};

interface Described {
  readonly properties?: Readonly<Record<string, { readonly description?: string }>>;
}

describe('policy.schema.json', () => {
  const { $defs: definitions, ...root } = JSON.parse(readFileSync('policy.schema.json', 'utf8')) as Described & {
    readonly $defs: Readonly<Record<string, Described>>;
  };

  it.each(Object.entries(DEFINITIONS))('has each %s, and nothing else', (title, name) => {
    const known = Object.keys((name === '' ? root : definitions[name])?.properties ?? {});
    // An entry of `methods` may also be the built-in preset.
    expect(known.filter((option) => option !== 'openInference').toSorted()).toEqual(Object.keys(TABLES[title] ?? {}).toSorted());
  });

  it('describes every option', () => {
    const bare = Object.entries({ ...definitions, Policy: root }).flatMap(([name, { properties }]) =>
      Object.entries(properties ?? {}).flatMap(([option, { description }]) => (description ? [] : [`${name}.${option}`])),
    );
    expect(bare).toEqual([]);
  });
});

describe('docs/policy.md', () => {
  it.each(Object.entries(TABLES))('lists each %s, and nothing else', (title, options) => {
    expect(listed(title).toSorted()).toEqual(Object.keys(options).toSorted());
  });
});
