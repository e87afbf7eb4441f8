import { readFileSync } from 'node:fs';
import { CliError } from '../cli-error.ts';
import { type Command, defineCommand } from '../command.ts';
import { EXIT } from '../exit-codes.ts';
import type { Terminal } from '../terminal.ts';

const SCHEMA = new URL('../../../policy.schema.json', import.meta.url);

/** `grpc-breaker schema`: the JSON Schema of policy documents. */
export function schemaCommand(terminal: Terminal): Command {
  return defineCommand<object>({
    command: 'schema',
    describe: 'Print the JSON Schema of policy documents, for editors',
    options: (parser) => parser,
    examples: [['schema > policy.schema.json', 'then: # yaml-language-server: $schema=policy.schema.json']],
    run: async () => {
      try {
        terminal.stdout.write(readFileSync(SCHEMA));
      } catch (error) {
        const next = 'install the package again';
        throw new CliError(`the schema is missing from this installation`, next, EXIT.FAILED, { cause: error });
      }
      return EXIT.OK;
    },
  });
}
