import { FEATURES } from '../model/feature.js';
import type { KernelCheck, LackingNeed, MachineCheck, MachineReport } from '../model/machine.js';
import { needName, type ToolNeed } from '../model/need.js';
import type { Scenario } from '../model/scenario.js';
import { needsOf } from '../plan/needs.js';

/** What a suite is, for the question whether a machine can run it. */
export interface Suite {
  readonly paths: readonly string[];
  readonly scenarios: readonly Scenario[];
  readonly faults: number;
  /** The command that runs it. */
  readonly command: string;
  /** Whether it would be run as an ordinary user. */
  readonly rootless: boolean;
}

/** What was found out about a kernel of the cache. */
export type TriedKernel = Pick<KernelCheck, 'release' | 'complaint' | 'features'>;

/** What a machine's checks and those of its kernels mean for a suite, and what to do first. */
export function machineReport(
  checks: readonly MachineCheck[],
  suite: Suite,
  kernels: readonly TriedKernel[],
): MachineReport {
  const missing = checks.find(({ status }) => status === 'missing');
  const { paths, scenarios, faults } = suite;
  const ready = missing === undefined;
  const here = capacity(scenarios, complaintsHere(checks, suite.rootless), ready);
  const there = kernels.map((kernel) => ({
    ...kernel,
    ...capacity(scenarios, complaintsThere(kernel, checks), isFit(kernel)),
  }));
  const isHelped = there.some(({ runnable }) => runnable > here.runnable);
  return {
    version: 1,
    ...{ ready, checks },
    suite: { paths, scenarios: scenarios.length, faults, ...here },
    kernels: there,
    next: ready
      ? `${suite.command}${isHelped ? ' --kernel auto' : ''}`
      : (missing.remedy ?? `see to it that ${missing.name} is there: ${missing.detail}`),
  };
}

/** The tools that scenarios name, each once. */
export function toolsOf(scenarios: readonly Scenario[]): readonly ToolNeed[] {
  const tools = scenarios.flatMap(needsOf).filter((need) => typeof need !== 'string');
  return [...new Map(tools.map((need) => [needName(need), need])).values()];
}

/** By the name of the need. */
type Complaints = ReadonlyMap<string, string>;

function complaintsHere(checks: readonly MachineCheck[], rootless: boolean): Complaints {
  const failed = checks.filter(({ name, group, status }) => {
    return (name in FEATURES || group === 'tools') && status !== 'ok';
  });
  return new Map([
    ...failed.map(({ name, detail }) => [name, detail] as const),
    ...(rootless ? ([['root', 'this is an ordinary user']] as const) : []),
  ]);
}

/** In a guest one is root, and has this machine's tools. */
function complaintsThere({ features }: TriedKernel, checks: readonly MachineCheck[]): Complaints {
  const tools = checks.filter(({ group, status }) => group === 'tools' && status !== 'ok');
  return new Map([
    ...tools.map(({ name, detail }) => [name, detail] as const),
    ...features.flatMap(({ name, complaint }) => (complaint === null ? [] : [[name, complaint] as const])),
  ]);
}

/** Whether labs can be made on it. */
function isFit({ complaint, features }: TriedKernel): boolean {
  const required = features.filter(({ name }) => !(name in FEATURES) && name !== 'tcpdump capture');
  return complaint === null && required.every((each) => each.complaint === null);
}

/** What of the scenarios can run where there are these complaints, and nothing where no lab can be made. */
function capacity(
  scenarios: readonly Scenario[],
  complaints: Complaints,
  isReady: boolean,
): { runnable: number; lacking: readonly LackingNeed[] } {
  const blocked = new Map<string, string[]>();
  let runnable = 0;
  for (const scenario of scenarios) {
    const lacking = needsOf(scenario)
      .map(needName)
      .filter((name) => complaints.has(name));
    if (lacking.length === 0) runnable += 1;
    for (const name of lacking) blocked.set(name, [...(blocked.get(name) ?? []), scenario.name]);
  }
  return {
    runnable: isReady ? runnable : 0,
    lacking: [...blocked]
      .map(([feature, names]) => ({
        ...{ feature, complaint: complaints.get(feature) ?? '' },
        scenarios: names,
      }))
      .sort((a, b) => b.scenarios.length - a.scenarios.length),
  };
}
