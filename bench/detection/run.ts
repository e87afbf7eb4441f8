import type { ContenderKind } from './contenders/contender.ts';
import { scenariosFor } from './scenarios/index.ts';
import type { Scenario } from './scenarios/scenario.ts';
import { type Measures, measure } from './sim/measure.ts';
import { simulate } from './sim/simulate.ts';
import { createWorkload } from './sim/workload.ts';

/** A contender in a scenario, over all seeds. */
export interface Result {
  readonly scenario: string;
  readonly contender: string;
  readonly runs: readonly Measures[];
}

/** Runs all contenders through the scenarios of these names, each with the same calls. */
export async function runAll(
  names: readonly string[],
  contenders: readonly ContenderKind[],
  seeds: readonly number[],
  onProgress: (scenario: string) => void = () => {},
): Promise<Result[]> {
  const results: Result[] = [];
  const ofSeed = new Map(seeds.map((seed) => [seed, new Map(scenariosFor(seed).map((scenario) => [scenario.name, scenario]))]));
  for (const name of names) {
    onProgress(name);
    const runs = contenders.map((): Measures[] => []);
    for (const seed of seeds) {
      const scenario = ofSeed.get(seed)?.get(name) as Scenario;
      const workload = createWorkload(scenario, seed);
      for (const [k, kind] of contenders.entries()) {
        runs[k]?.push(measure(scenario, workload, await simulate(scenario, workload, kind)));
      }
    }
    for (const [k, kind] of contenders.entries()) results.push({ scenario: name, contender: kind.name, runs: runs[k] ?? [] });
  }
  return results;
}
