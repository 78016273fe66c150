import type { Feature } from '../model/feature.js';
import { FEATURES } from '../model/feature.js';
import type { MachineCheck, MachineReport, SuiteCheck } from '../model/machine.js';
import type { Scenario } from '../model/scenario.js';
import { needsOf } from '../plan/needs.js';

/** What a suite is, for the question whether a machine can run it. */
export interface Suite {
  readonly paths: readonly string[];
  readonly scenarios: readonly Scenario[];
  readonly faults: number;
  /** The command that runs it. */
  readonly command: string;
}

/** What a machine's checks mean for a suite, and what to do first. */
export function machineReport(checks: readonly MachineCheck[], suite: Suite): MachineReport {
  const missing = checks.find(({ status }) => status === 'missing');
  return {
    version: 1,
    ready: missing === undefined,
    checks,
    suite: suiteCheck(checks, suite, missing === undefined),
    next:
      missing === undefined
        ? suite.command
        : (missing.remedy ?? `see to it that ${missing.name} is there: ${missing.detail}`),
  };
}

function suiteCheck(
  checks: readonly MachineCheck[],
  { paths, scenarios, faults }: Suite,
  ready: boolean,
): SuiteCheck {
  const complaints = new Map(
    checks
      .filter(({ name, status }) => name in FEATURES && status !== 'ok')
      .map(({ name, detail }) => [name as Feature, detail]),
  );
  const blocked = new Map<Feature, string[]>();
  let runnable = 0;
  for (const scenario of scenarios) {
    const lacking = needsOf(scenario).filter((feature) => complaints.has(feature));
    if (lacking.length === 0) runnable += 1;
    for (const feature of lacking) blocked.set(feature, [...(blocked.get(feature) ?? []), scenario.name]);
  }
  return {
    paths,
    scenarios: scenarios.length,
    runnable: ready ? runnable : 0,
    faults,
    lacking: [...blocked]
      .map(([feature, names]) => ({
        feature,
        complaint: complaints.get(feature) ?? '',
        scenarios: names,
      }))
      .sort((a, b) => b.scenarios.length - a.scenarios.length),
  };
}
