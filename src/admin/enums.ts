import type { Mode, Override, State } from '../core/state.ts';

/** Numbers of the enums in admin.proto. */
export const STATES: Readonly<Record<State, number>> = { closed: 1, open: 2, halfOpen: 3 };

/** Numbers of `Mode`. */
export const MODES: Readonly<Record<Mode, number>> = { enforce: 1, observe: 2, off: 3 };

const OVERRIDES: Readonly<Record<Override, number>> = { forcedOpen: 1, forcedClosed: 2 };

/** The number of an override; unspecified for none. */
export function overrideNumber(override: Override | null): number {
  return override === null ? 0 : OVERRIDES[override];
}

/** The mode of a number; undefined for any other. */
export function modeOf(number: number): Mode | undefined {
  return (Object.keys(MODES) as Mode[]).find((mode) => MODES[mode] === number);
}

/** The state of a number; undefined for any other. */
export function stateOf(number: number): State | undefined {
  return (Object.keys(STATES) as State[]).find((state) => STATES[state] === number);
}
