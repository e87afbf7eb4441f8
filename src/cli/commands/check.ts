import type { Argv } from 'yargs';
import { usageError } from '../cli-error.ts';
import { type Command, defineCommand } from '../command.ts';
import { EXIT } from '../exit-codes.ts';
import { paintFor, print, printJson, type Terminal } from '../terminal.ts';

interface Arguments {
  /** The command, and what stands behind `--`. */
  readonly _: readonly (string | number)[];
  readonly files?: readonly string[];
  readonly against?: readonly string[];
  readonly verbose?: boolean;
  readonly json?: boolean;
}

/** `grpc-breaker check`: is a policy good, and does it fit the services? */
export function checkCommand(terminal: Terminal): Command {
  return defineCommand<Arguments>({
    command: 'check [files..]',
    describe: 'Check policy documents, and what they name',
    options: (parser) =>
      parser
        .positional('files', { type: 'string', array: true, describe: 'YAML or JSON; - for the standard input' })
        .option('against', {
          type: 'string',
          array: true,
          requiresArg: true,
          describe: '.proto files or descriptor sets: find methods that no policy names, and names that match no method',
        })
        .option('verbose', { alias: 'v', type: 'boolean', describe: 'Also tell which policy each method of --against has' })
        .option('json', {
          type: 'boolean',
          describe: 'Print JSON: { "ok", "files": [{ "file", "ok", "problems", ... }] }',
        }) as Argv<Arguments>,
    examples: [
      ['check breakers.yaml', 'every problem, with its line'],
      ['check breakers.yaml --against protos/model.proto', 'also: does it name every method, and no other?'],
    ],
    run: async (args) => {
      const { files, protos } = divided(args);
      if (files.length === 0) throw usageError('a policy document is missing', 'grpc-breaker check breakers.yaml');
      const { checkPolicyFile } = await import('../check-policy.ts');
      const { servicesOf } = await import('../against.ts');
      const services = protos === undefined ? undefined : servicesOf(protos);
      const checked = files.map((file) => checkPolicyFile(file, services));
      const { checkReport, unnamedMethods } = await import('../check-report.ts');
      const isGood = (one: (typeof checked)[number]) => one.problems.length === 0 && unnamedMethods(one).length === 0;
      const ok = checked.every(isGood);
      if (args.json === true) {
        const told = checked.map(({ methods, ...one }) => ({
          ...one,
          ok: isGood({ ...one, methods }),
          methods: methods ?? null,
        }));
        printJson(terminal, { ok, files: told });
      } else {
        const paint = paintFor(terminal);
        for (const one of checked) print(terminal, checkReport(one, args.verbose === true, paint));
      }
      return ok ? EXIT.OK : EXIT.FAILED;
    },
  });
}

/** `--against` takes every word behind it: documents among them are meant as documents. */
function divided({ _: words, files = [], against }: Arguments): {
  files: readonly string[];
  protos: readonly string[] | undefined;
} {
  const isDocument = (file: string) => /\.(ya?ml|json)$/i.test(file);
  const behind = words.slice(1).map(String);
  return {
    files: [...files, ...behind, ...(against ?? []).filter(isDocument)],
    protos: against?.filter((file) => !isDocument(file)),
  };
}
