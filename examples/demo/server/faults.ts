import type { Random } from '../../random.ts';

/** What ails a model server. A crash is not among them: that is done to its process. */
export type Fault =
  | { readonly kind: 'none' }
  /** Answers come late: `fromMs` to `toMs`, evenly spread. */
  | { readonly kind: 'latency'; readonly fromMs: number; readonly toMs: number }
  /** Calls are accepted and never answered. */
  | { readonly kind: 'hang' }
  /** This share of the calls (0..1) is answered with INTERNAL. */
  | { readonly kind: 'errors'; readonly share: number };

/** What becomes of one call. */
export type Fate =
  | { readonly kind: 'answer'; readonly afterMs: number }
  | { readonly kind: 'error' }
  | { readonly kind: 'never' };

const AT_ONCE: Fate = { kind: 'answer', afterMs: 0 };

/** Decides what a fault does to the next call. */
export function fateOf(fault: Fault, random: Random): Fate {
  switch (fault.kind) {
    case 'none':
      return AT_ONCE;
    case 'latency':
      return { kind: 'answer', afterMs: fault.fromMs + random() * (fault.toMs - fault.fromMs) };
    case 'hang':
      return { kind: 'never' };
    case 'errors':
      return random() < fault.share ? { kind: 'error' } : AT_ONCE;
  }
}
