import { ALLOCATION_FLAGS } from '../harness/allocation.ts';
import type { Suite } from '../harness/suite.ts';

/** A suite before it is loaded. */
export interface SuiteEntry {
  /** What it measures, in a line. */
  readonly title: string;
  /** Flags of its process. */
  readonly flags: readonly string[];
  readonly load: () => Promise<{ readonly suite: Suite }>;
}

const FLAGS: readonly string[] = ['--expose-gc'];

/** Every suite, by its name on the command line. */
export const SUITES = {
  core: { title: 'Core: acquire + record, beside opossum and cockatiel', flags: FLAGS, load: () => import('./core/core.ts') },
  interceptor: { title: 'Interceptor, over a stubbed transport', flags: FLAGS, load: () => import('./interceptor.ts') },
  loopback: { title: 'Interceptor, over loopback', flags: FLAGS, load: () => import('./loopback.ts') },
  allocation: { title: 'Allocation', flags: ALLOCATION_FLAGS, load: () => import('./allocation.ts') },
  'memory-bare': { title: 'Memory of 100,000 breakers, bare', flags: FLAGS, load: () => import('./memory-bare.ts') },
  memory: { title: 'Memory of 100,000 breakers of a policy', flags: FLAGS, load: () => import('./memory.ts') },
  scale: { title: 'Cost by number of breakers', flags: FLAGS, load: () => import('./scale.ts') },
  rejected: { title: 'Refused calls', flags: FLAGS, load: () => import('./rejected.ts') },
  fallback: {
    title: 'Fallbacks of rejected calls, and what remembering costs',
    flags: FLAGS,
    load: () => import('./fallback.ts'),
  },
  telemetry: { title: 'Telemetry: of a call, and of a collection', flags: FLAGS, load: () => import('./telemetry.ts') },
  register: {
    title: 'register: a call, beside the same attached by hand, and starts of processes',
    flags: FLAGS,
    load: () => import('./register.ts'),
  },
  admin: { title: 'Admin service: what watchers cost the calls', flags: FLAGS, load: () => import('./admin.ts') },
  recording: { title: 'Recording calls, and replaying them', flags: FLAGS, load: () => import('./recording.ts') },
} as const satisfies Record<string, SuiteEntry>;

/** The name of a suite. */
export type SuiteName = keyof typeof SUITES;

/** Whether there is a suite of this name. */
export function isSuiteName(name: string): name is SuiteName {
  return Object.hasOwn(SUITES, name);
}
