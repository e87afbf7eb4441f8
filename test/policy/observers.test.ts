import { expect, it } from 'vitest';
import { guardObserver, NO_OBSERVER } from '../../src/policy/observers.ts';
import { parsePolicy } from '../../src/policy/policy.ts';
import type { CallObserver } from '../../src/policy/ports.ts';
import { BreakerRegistry } from '../../src/policy/registry.ts';
import { ManualClock } from '../../src/testing/manual-clock.ts';

const { methods } = parsePolicy({});
const registry = new BreakerRegistry(10, { clock: new ManualClock(), random: () => 0.5 });
const entry = registry.acquire('k', methods[0] ?? expect.fail(), 'host:1', 'a.B/Ask');

/** Calls everything that an observer has. */
function tell(observer: CallObserver): unknown {
  const context = observer.callStarted();
  observer.callEnded(context, entry, 'failure', 14, 12.5, false);
  observer.callSlow(context, entry, false);
  observer.callRejected(context, entry, 'open');
  observer.fallbackServed(context, entry, 'message', 'rejected', 12);
  return context;
}

it('hands everything on to an observer that works', () => {
  const heard: unknown[] = [];
  const observer: CallObserver = {
    callStarted: () => 'span',
    callEnded: (...told) => heard.push(['ended', ...told]),
    callSlow: (...told) => heard.push(['slow', ...told]),
    callRejected: (...told) => heard.push(['rejected', ...told]),
    fallbackServed: (...told) => heard.push(['served', ...told]),
  };
  expect(tell(guardObserver(observer, () => expect.fail('nothing to warn of')))).toBe('span');
  expect(heard).toEqual([
    ['ended', 'span', entry, 'failure', 14, 12.5, false],
    ['slow', 'span', entry, false],
    ['rejected', 'span', entry, 'open'],
    ['served', 'span', entry, 'message', 'rejected', 12],
  ]);
});

it('keeps what an observer throws away from the call, and says so once', () => {
  const warnings: [string, unknown][] = [];
  const broken = (what: string) => (): never => {
    throw new Error(what);
  };
  const observer = guardObserver(
    {
      callStarted: broken('started'),
      callEnded: broken('ended'),
      callSlow: broken('slow'),
      callRejected: broken('rejected'),
      fallbackServed: broken('served'),
    },
    (message, error) => warnings.push([message, (error as Error).message]),
  );
  expect(tell(observer)).toBeUndefined();
  tell(observer);
  expect(warnings).toEqual([['telemetry failed on a call and is passed over (said once)', 'started']]);
});

it.each(['callStarted', 'callEnded', 'callSlow', 'callRejected', 'fallbackServed'] as const)(
  'also where only %s fails',
  (method) => {
    const warnings: string[] = [];
    const failing = {
      ...NO_OBSERVER,
      [method]: () => {
        throw new Error(method);
      },
    };
    tell(guardObserver(failing, (_, error) => warnings.push((error as Error).message)));
    expect(warnings).toEqual([method]);
  },
);

it('may watch nothing', () => {
  expect(tell(NO_OBSERVER)).toBeUndefined();
});
