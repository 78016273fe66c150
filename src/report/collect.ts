import type { Environment, RunEvent, RunReport, RunSummary, ScenarioResult } from '../model/result.js';
import { differences, kernelNamesOf } from './differences.js';

/**
 * Adds events up to the report of the run. Scenarios are in the order in which the run announced
 * them, not the one in which they ended.
 */
export class ReportCollector {
  private environment: Environment | null = null;
  private announced: readonly string[] = [];
  private readonly results: ScenarioResult[] = [];

  /** The report, once the run has ended; null before. */
  add(event: RunEvent): RunReport | null {
    switch (event.type) {
      case 'run-started':
        this.environment = event.environment;
        this.announced = event.scenarios;
        return null;
      case 'scenario-started':
      case 'scenario-retried':
        return null;
      case 'scenario-ended':
        this.results.push(event.result);
        return null;
      case 'run-ended':
        if (this.environment === null) throw new Error('run-ended came before run-started');
        return reportOf({
          ...{ environment: this.environment, summary: event.summary },
          ...{ results: this.results, announced: this.announced },
        });
    }
  }
}

/** What a report is made of: results as they came in, and the names that the run announced. */
interface Parts {
  readonly environment: Environment;
  readonly summary: RunSummary;
  readonly results: readonly ScenarioResult[];
  readonly announced: readonly string[];
}

export function reportOf({ environment, summary, results, announced }: Parts): RunReport {
  const scenarios = inOrder(results, announced);
  const kernels = kernelNamesOf(environment);
  return {
    ...{ version: 1, environment, summary, scenarios },
    ...(kernels.length === 0 ? {} : { differences: differences(kernels, scenarios) }),
  };
}

/** Results in the order in which the run announced the names of their scenarios. */
function inOrder(
  results: readonly ScenarioResult[],
  announced: readonly string[],
): readonly ScenarioResult[] {
  const position = new Map(announced.map((name, index) => [name, index]));
  const of = (result: ScenarioResult) => position.get(result.name) ?? position.size;
  return results.toSorted((a, b) => of(a) - of(b));
}

/** What the results of a run of `durationMs` milliseconds come to. */
export function summaryOf(results: readonly ScenarioResult[], durationMs: number): RunSummary {
  const count = (status: ScenarioResult['status']) =>
    results.filter((result) => result.status === status).length;
  return {
    passed: count('passed'),
    failed: count('failed'),
    errored: count('errored'),
    skipped: count('skipped'),
    inconclusive: results.filter(({ reason }) => reason?.code === 'flow-inconclusive').length,
    flaky: results.filter(({ flaky }) => flaky).length,
    durationMs: Math.round(durationMs),
  };
}
