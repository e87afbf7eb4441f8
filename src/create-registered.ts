import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import type { BreakersOptions } from './breakers.ts';
import { ConfigError, isConfigError } from './core/errors.ts';
import type { Policy } from './policy/policy.ts';
import type { PolicyEvent } from './policy/policy-event.ts';
import { watchPolicy } from './policy/watch-policy.ts';
import type { WatchedPolicy } from './policy/watched-policy.ts';
import { QuerySource } from './signals/prometheus-source.ts';
import type { startAdminFromEnvironment } from './start-admin.ts';
import { systemClock, wallClockNow } from './system-clock.ts';
import { warn } from './warn.ts';
import { type Wired, wireBreakers } from './wire-breakers.ts';

export { interceptAll } from './grpc/intercept-all.ts';

/** The policy of a process whose own one is no good, until it is mended. */
const UNPROTECTED: Policy = { methods: [{ mode: 'off' }] };

/** Loads in the same turn: the module of options, and what only some processes need. */
const require = createRequire(import.meta.url);
const EXTENSION = import.meta.url.slice(import.meta.url.lastIndexOf('.'));

/** What surrounds a process that is protected without code. */
export interface ProcessSurroundings {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** What its files are relative to. */
  readonly folder: string;
  /** Tells people what is wrong. */
  readonly say: (text: string) => void;
  /** Ends the process. */
  readonly exit: (code: number) => void;
}

/**
 * The breakers of a process that is protected without code, as its environment says: `GRPC_BREAKER_POLICY` (a file, which is watched), `GRPC_BREAKER_OPTIONS`
 * (a module whose default export is what `createBreakers` takes besides the policy), `GRPC_BREAKER_ADMIN` (an address). What is no good leaves the process
 * unprotected and is said, or with `GRPC_BREAKER_STRICT=1` ends it.
 */
export function createRegistered(surroundings: ProcessSurroundings): Wired {
  const { environment } = surroundings;
  const options = readOptions(surroundings);
  const file = fileOf(surroundings, 'GRPC_BREAKER_POLICY');
  const wire = (own: BreakersOptions): Wired => (file === '' ? wireBreakers({}, own) : wireFile(file, own, surroundings));
  let wired: Wired;
  try {
    wired = wire(options);
  } catch (error) {
    refuse(error, 'GRPC_BREAKER_OPTIONS cannot be used; the policy holds without it', surroundings);
    wired = wire({});
  }
  if ((environment['GRPC_BREAKER_ADMIN'] ?? '') !== '') startAdmin(wired, environment);
  return wired;
}

/** Never throws: calls have their breakers without it. */
function startAdmin({ breakers }: Wired, environment: ProcessSurroundings['environment']): void {
  try {
    const admin = require(`./start-admin${EXTENSION}`) as { startAdminFromEnvironment: typeof startAdminFromEnvironment };
    void admin.startAdminFromEnvironment(breakers, environment, warn);
  } catch (error) {
    warn('the admin service of GRPC_BREAKER_ADMIN was not started', error);
  }
}

/** As it was given where that still means the same; empty for none. */
function fileOf({ environment, folder }: ProcessSurroundings, name: string): string {
  const file = environment[name] ?? '';
  return file === '' || folder === process.cwd() ? file : resolve(folder, file);
}

function wireFile(file: string, options: BreakersOptions, surroundings: ProcessSurroundings): Wired {
  const until = `the gRPC clients of this process have no breakers until ${file} is mended; then they have, without a restart`;
  const watched = watchPolicy(file, { otherwise: UNPROTECTED });
  let isUnprotected = watched.policy === UNPROTECTED;
  // Why it is no good is told once, here.
  let isToldAlready = isUnprotected;
  const onPolicyEvent = (event: PolicyEvent): void => {
    if (event.result === 'applied') {
      if (isUnprotected) surroundings.say(`grpc-breaker: ${file} is mended; the gRPC clients of this process have breakers`);
      isUnprotected = false;
    } else if (isToldAlready) {
      isToldAlready = false;
      refuse(new ConfigError(event.source, event.problems), until, surroundings);
    } else warn(`${event.source} was refused; what held before it goes on`, event.problems.map(inWords).join('\n'));
  };
  try {
    return wireBreakers(watched, options, onPolicyEvent);
  } catch (error) {
    if (!isConfigError(error)) throw error;
    // What only its services and functions show to be wrong.
    refuse(error, until, surroundings);
    isUnprotected = true;
    return wireBreakers(unprotected(watched), options, onPolicyEvent);
  }
}

/** As it is watched, whatever it says now: its functions or services show that to be wrong. */
function unprotected(watched: WatchedPolicy): WatchedPolicy {
  return {
    file: watched.file,
    policy: UNPROTECTED,
    subscribe: (listener) => watched.subscribe(listener),
    close: () => watched.close(),
  };
}

function readOptions(surroundings: ProcessSurroundings): BreakersOptions {
  const prometheus = new QuerySource({ headers: {}, clock: systemClock, wallClockNow, random: Math.random });
  const file = fileOf(surroundings, 'GRPC_BREAKER_OPTIONS');
  if (file === '') return { prometheus };
  try {
    const loaded = require(resolve(file)) as { readonly default?: unknown };
    const options = loaded.default ?? loaded;
    if (typeof options === 'object' && options !== null) return { prometheus, ...options };
    throw new TypeError('its default export is no object of options, as createBreakers takes them');
  } catch (error) {
    const isAwaiting = (error as { readonly code?: unknown } | undefined)?.code === 'ERR_REQUIRE_ASYNC_MODULE';
    const cause = isAwaiting ? new TypeError('it has a top-level await, or imports a module that has one') : error;
    refuse(cause, `GRPC_BREAKER_OPTIONS=${file} could not be loaded; the policy holds without it`, surroundings);
    return { prometheus };
  }
}

function refuse(error: unknown, consequence: string, { environment, say, exit }: ProcessSurroundings): void {
  say(`grpc-breaker: ${isConfigError(error) ? error.message : ((error as Error | undefined)?.stack ?? String(error))}`);
  const isStrict = /^(1|true)$/.test(environment['GRPC_BREAKER_STRICT'] ?? '');
  say(`grpc-breaker: ${isStrict ? 'GRPC_BREAKER_STRICT is set: this process ends' : consequence}`);
  if (isStrict) exit(1);
}

function inWords({ path, message, line }: { path: string; message: string; line?: number | undefined }): string {
  return `${line === undefined ? '' : `line ${line}: `}${path === '' ? '' : `${path}: `}${message}`;
}
