import { z } from 'zod';
import { noted } from './schema-notes.ts';
import { textSchema } from './units.ts';

/** TLS of a client in a document. Files are PEM, relative to the document. */
export interface DocumentTls {
  /** The certificates of the authorities that are trusted. @default those of Node */
  ca?: string;
  /** The client's own certificate chain, for servers that ask for one. Together with `key`. @default none */
  cert?: string;
  /** The private key of `cert`. @default none */
  key?: string;
}

/** A client of fallback calls, as a document has it. */
export interface DocumentClient {
  /** The address, as for a client of grpc-js, such as `models:8001`. */
  target: string;
  /** TLS: `true` with the authorities that Node trusts, `false` for none, or files. @default true */
  tls?: boolean | DocumentTls;
  /** Channel options of grpc-js, such as `grpc.keepalive_time_ms`: numbers and texts. @default none */
  options?: Readonly<Record<string, string | number>>;
}

/** {@link DocumentClient} as parsed: `tls` is always there. */
export interface ClientConfig {
  readonly target: string;
  readonly tls: boolean | DocumentTls;
  readonly options: Readonly<Record<string, string | number>>;
}

const tlsFiles = noted(
  z.strictObject(
    {
      ca: textSchema('a PEM file, such as ca.pem').optional(),
      cert: textSchema('a PEM file, such as client.pem').optional(),
      key: textSchema('a PEM file, such as client.key').optional(),
    },
    { error: 'expected true, false, or PEM files: { ca, cert, key }' },
  ),
  { id: 'DocumentTls', dependentRequired: { cert: ['key'], key: ['cert'] } },
).superRefine(({ cert, key }, context) => {
  if ((cert === undefined) === (key === undefined)) return;
  const [there, missing] = cert === undefined ? ['key', 'cert'] : ['cert', 'key'];
  context.addIssue({ code: 'custom', path: [there], message: `stands without ${missing}; add ${missing}`, input: cert });
});

const OPTION_EXPECTED = 'expected a number or a text, as channel options of grpc-js are';

const optionName = z
  .string()
  .regex(/^grpc(-node)?\.[\w.-]+$/, { error: 'is no channel option; expected one of grpc-js, such as grpc.keepalive_time_ms' });

/** Reads a {@link ClientConfig}. */
export const clientSchema: z.ZodType<ClientConfig> = noted(
  z.strictObject(
    {
      target: textSchema('an address, such as "models:8001"'),
      tls: z.union([z.boolean(), tlsFiles], { error: 'expected true, false, or PEM files: { ca, cert, key }' }).optional(),
      options: z
        .record(optionName, z.union([z.number(), z.string()], { error: OPTION_EXPECTED }), {
          error: 'expected channel options by name, such as { grpc.keepalive_time_ms: 10000 }',
        })
        .optional(),
    },
    { error: 'expected a client, such as { target: "127.0.0.1:9000", tls: false }' },
  ),
  { id: 'DocumentClient' },
).transform(({ target, tls = true, options = {} }) => ({ target, tls: tls as boolean | DocumentTls, options }));
