import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** The entry grpc-breaker/register, as its source. */
export const REGISTER: string = pathToFileURL('src/register.ts').href;

const APPLICATIONS = join(import.meta.dirname, '../applications');

/** A span that an application made. */
export interface ReportedSpan {
  readonly name: string;
  readonly kind: number;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly id: string;
  readonly parent?: string;
  readonly links: readonly string[];
}

/** A breaker of an application, when it ended. */
export interface ReportedBreaker {
  readonly name: string;
  readonly state: string;
  readonly counts: Readonly<Record<string, unknown>>;
}

/** How an application ended, and what it wrote. */
export interface Ended {
  readonly exitCode: number;
  /** What it printed, line by line, as JSON. */
  readonly results: readonly unknown[];
  readonly stderr: string;
  readonly breakers: readonly ReportedBreaker[];
  readonly spans: readonly ReportedSpan[];
}

/** How an application is started. */
export interface Start {
  /** Flags of Node, before the file. */
  readonly flags?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Becomes GRPC_BREAKER_POLICY. */
  readonly policy?: string;
  /** @default the Node of the tests */
  readonly node?: string;
}

/** Runs a file of test/register/applications, or one of an absolute path, as a process. */
export async function runApplication(file: string, { flags = [], env = {}, policy, node }: Start = {}): Promise<Ended> {
  const folder = mkdtempSync(join(tmpdir(), 'grpc-breaker-register-'));
  const report = join(folder, 'report.json');
  const policyFile = join(folder, 'breakers.yaml');
  if (policy !== undefined) writeFileSync(policyFile, policy);
  const all = ['--import', './report.mjs', ...flags, file];
  const environment = {
    ...process.env,
    NODE_OPTIONS: '',
    REPORT: report,
    ...(policy !== undefined && { GRPC_BREAKER_POLICY: policyFile }),
    ...env,
  };
  try {
    return await new Promise<Ended>((resolve) => {
      execFile(node ?? process.execPath, all, { cwd: APPLICATIONS, env: environment }, (error, stdout, stderr) => {
        const lines = stdout.split('\n').filter((line) => line !== '');
        const { breakers, spans } = JSON.parse(readFileSync(report, 'utf8')) as Pick<Ended, 'breakers' | 'spans'>;
        const exitCode = error === null ? 0 : Number(error.code ?? 1);
        resolve({ exitCode, results: lines.map((line) => JSON.parse(line) as unknown), stderr, breakers, spans });
      });
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
