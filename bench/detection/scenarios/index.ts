import { comingScenarios } from './comings.ts';
import type { Scenario } from './scenario.ts';
import { sickScenarios } from './sick.ts';
import { wellScenarios } from './well.ts';

/** Every scenario as it is for a seed: faults differ in length from seed to seed, evenly (steps of the golden ratio). */
export function scenariosFor(seed: number): readonly Scenario[] {
  const stretch = (seed * 0.618_033_988_75) % 1;
  return [...sickScenarios(stretch), ...wellScenarios(), ...comingScenarios(stretch)];
}

/** Every scenario, to know their names and kinds. */
export const SCENARIOS: readonly Scenario[] = scenariosFor(0);

/** In these shedding is compared with opening. */
export function isForShedding({ name }: Scenario): boolean {
  return /^errors-(15|30)-/.test(name);
}
