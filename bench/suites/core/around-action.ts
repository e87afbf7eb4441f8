import type { Breaker } from '../../../src/index.ts';
import type { Subject } from '../../harness/paired.ts';
import type { PackageEntry } from '../../harness/suite.ts';
import {
  createCockatielConsecutive,
  createCockatielSampling,
  createOpossum,
  createOpossumWithoutTimeout,
  noAction,
} from '../../peers/peers.ts';
import { refused } from './calls.ts';

/** The peers' whole calls, whose API is to be given an asynchronous action; the action alone; and ours around it. */
export function aroundAction(entry: PackageEntry): Subject[] {
  return [action(), ours(entry), oursTimed(entry), opossum(), opossumWithoutTimeout(), sampling(), consecutive()];
}

function action(): Subject {
  return {
    name: 'action',
    async run(calls) {
      for (let call = 0; call < calls; call++) await noAction();
    },
  };
}

/** Told of success and failure, which is all that cockatiel's breaker is told as well. */
function ours(entry: PackageEntry): Subject {
  const breaker = entry.createBreaker({ trip: { failureRate: {} } });
  return {
    name: 'action.ours',
    async run(calls) {
      for (let call = 0; call < calls; call++) await protect(breaker);
    },
  };
}

async function protect(breaker: Breaker): Promise<number> {
  const permit = breaker.tryAcquire() ?? refused();
  try {
    const result = await noAction();
    permit.success(0);
    return result;
  } catch (error) {
    permit.failure(0);
    throw error;
  }
}

/** Told of durations too, which opossum's statistics keep. */
function oursTimed(entry: PackageEntry): Subject {
  const breaker = entry.createBreaker({ trip: { failureRate: {} } });
  return {
    name: 'action.ours.timed',
    async run(calls) {
      for (let call = 0; call < calls; call++) await protectTimed(breaker);
    },
  };
}

async function protectTimed(breaker: Breaker): Promise<number> {
  const permit = breaker.tryAcquire() ?? refused();
  const started = performance.now();
  try {
    const result = await noAction();
    permit.success(performance.now() - started);
    return result;
  } catch (error) {
    permit.failure(performance.now() - started);
    throw error;
  }
}

function opossum(): Subject {
  const peer = createOpossum();
  return {
    name: 'opossum',
    async run(calls) {
      for (let call = 0; call < calls; call++) await peer.fire();
    },
  };
}

function opossumWithoutTimeout(): Subject {
  const peer = createOpossumWithoutTimeout();
  return {
    name: 'opossum.noTimeout',
    async run(calls) {
      for (let call = 0; call < calls; call++) await peer.fire();
    },
  };
}

function sampling(): Subject {
  const peer = createCockatielSampling();
  return {
    name: 'cockatiel.sampling',
    async run(calls) {
      for (let call = 0; call < calls; call++) await peer.execute(noAction);
    },
  };
}

function consecutive(): Subject {
  const peer = createCockatielConsecutive();
  return {
    name: 'cockatiel.consecutive',
    async run(calls) {
      for (let call = 0; call < calls; call++) await peer.execute(noAction);
    },
  };
}
