import { allowReferences } from './allow-references.ts';
import { describeSchema } from './describe-schema.ts';
import { docComments } from './doc-comments.ts';
import { type JsonSchema, makeSchema } from './make-schema.ts';

/** The JSON Schema that the package brings: of documents as they are written, with descriptions. */
export function publishedSchema(): JsonSchema {
  return allowReferences(describeSchema(makeSchema(), docComments('src/policy')));
}
