import { z } from 'zod';
import { type ClientConfig, clientSchema } from './document-client.ts';
import { entrySchema, presetSchema } from './method-schema.ts';
import { noted } from './schema-notes.ts';
import { textSchema } from './units.ts';

/** The options of the whole policy that passed their schemas. Methods and presets are read again together. */
export interface ParsedDocument {
  readonly protos?: readonly string[] | undefined;
  readonly maxBreakers?: number | undefined;
  readonly clients?: Readonly<Record<string, ClientConfig>> | undefined;
}

/** Names that people choose: no dots, which paths are made with. */
const name = (what: string) =>
  z
    .string()
    .regex(/^(?!__proto__$)[\w-]{1,64}$/, { error: `is no name for a ${what}; expected up to 64 letters, digits, dashes and _` });

const shape = {
  $schema: z.string({ error: 'expected the address of the JSON Schema' }).optional(),
  protos: z
    .array(textSchema('a file such as model.proto'), { error: 'expected a list of files, such as [model.proto]' })
    .optional(),
  maxBreakers: z
    .int({ error: 'expected a whole number of breakers, such as 10000' })
    .min(1, { error: 'expected at least 1' })
    .max(10_000_000, { error: 'expected at most 10000000' })
    .optional(),
  presets: z
    .record(name('preset'), presetSchema, { error: 'expected options by name, such as { fast: { deadline: 20ms } }' })
    .optional(),
  clients: z
    .record(name('client'), clientSchema, {
      error: 'expected clients by name, such as { cheap: { target: "127.0.0.1:9000", tls: false } }',
    })
    .optional(),
  methods: z.array(entrySchema, { error: 'expected a list of policies, such as [{ name: [{}], deadline: 20ms }]' }).optional(),
};

/** Reads every option of a policy by itself. */
export const documentSchema: z.ZodType<ParsedDocument> = noted(
  z.strictObject(shape, { error: 'expected a policy, such as { methods: [{ deadline: 20ms }] }' }),
  { title: 'Policy of grpc-breaker' },
);

/** The options of the whole policy as far as they can be read. */
export function readable(policy: unknown): ParsedDocument {
  const { protos, maxBreakers, clients } = Object(policy) as Readonly<Record<string, unknown>>;
  return {
    protos: shape.protos.safeParse(protos).data,
    maxBreakers: shape.maxBreakers.safeParse(maxBreakers).data,
    clients: shape.clients.safeParse(clients).data,
  };
}
