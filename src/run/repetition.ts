import { nameOnAnyKernel, type ScenarioResult } from '../model/result.js';
import type { Scenario } from '../model/scenario.js';

/** A scenario as it is to be run: under a name, and so in a folder, of its own. */
export interface Repetition {
  readonly scenario: Scenario;
  /** From 1. */
  readonly repetition: number;
}

/** Each scenario as often as asked, one after the other; from the second on the name ends in `#2`, `#3`, … */
export function repeat(scenarios: readonly Scenario[], times: number): Repetition[] {
  return scenarios.flatMap((scenario) =>
    Array.from({ length: times }, (_, index): Repetition => {
      const repetition = index + 1;
      const name = repetitionName(scenario.name, repetition);
      return { scenario: { ...scenario, name }, repetition };
    }),
  );
}

function repetitionName(name: string, repetition: number): string {
  return repetition === 1 ? name : `${name} #${repetition}`;
}

/** The name without kernel and repetition: what `--grep` and `--last-failed` go by. */
export function baseName(result: Pick<ScenarioResult, 'name' | 'kernelName' | 'repetition'>): string {
  const name = nameOnAnyKernel(result);
  return result.repetition === 1 ? name : name.slice(0, -` #${result.repetition}`.length);
}
