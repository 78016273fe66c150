import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { parse, stringify } from 'yaml';
import { type Comparison, compareLab, type TermsOf } from './compare.js';
import { type Lab, labsOf } from './lab.js';
import { decode } from './packets.js';
import { randomLab } from './random-lab.js';
import type { Report, ReportedFlow, ReportedScenario } from './report.js';
import { type Flow, rewrite, type Scenario, stepTitle, type Topology, type When } from './rewrite.js';

// scripts/observe says how this is used.
const { values } = parseArgs({
  options: {
    root: { type: 'string', default: process.cwd() },
    command: { type: 'string' },
    labs: { type: 'string', default: '200' },
    seed: { type: 'string', default: String(Math.floor(Math.random() * 2 ** 31)) },
    only: { type: 'string', default: '' },
    grep: { type: 'string', default: '' },
    workers: { type: 'string', default: '2' },
    keep: { type: 'string' },
    again: { type: 'boolean', default: false },
  },
});
const root = values.root;
const command = values.command ?? join(root, 'dist/cli/main.js');
const [labCount, seed] = [Number(values.labs), Number(values.seed)];

/** Files in one run of the command: its report has all their captures in it. */
const BATCH = 10;

/** What came of some scenarios. */
interface Outcome {
  readonly comparisons: readonly Comparison[];
  readonly failures: readonly string[];
  readonly labs: number;
}

const project = values.keep ?? (await mkdtemp(join(tmpdir(), 'observer-')));

async function main(): Promise<number> {
  console.log(`seed ${seed}, ${labCount} random labs`);
  await mkdir(project, { recursive: true });
  await cp(join(root, 'lab'), join(project, 'lab'), { recursive: true });
  const scenarios = new Map<string, Scenario>();
  if (values.only !== 'labs') await readScenarios(scenarios);
  if (values.only !== 'scenarios') {
    for (let i = 0; i < labCount; i++) {
      scenarios.set(`random/lab-${seed + i}.yaml`, randomLab(seed + i));
    }
  }
  for (const [file, scenario] of scenarios) {
    const target = join(project, 'scenarios', file);
    const nodes = await nodesOf(scenario.topology);
    await mkdir(dirname(target), { recursive: true });
    await writeFile(target, stringify(rewrite(scenario, nodes), { aliasDuplicateObjects: false }));
  }
  const outcomes: Outcome[] = [];
  const files = [...scenarios.keys()];
  for (let first = 0; first < files.length; first += BATCH) {
    const batch = files.slice(first, first + BATCH);
    const kept = join(project, `report-${first}.json`);
    const report: Report = values.again ? JSON.parse(await readFile(kept, 'utf8')) : await observe(batch);
    if (values.keep !== undefined) await writeFile(kept, JSON.stringify(report));
    const outcome = await compareReport(
      report,
      new Map(batch.map((file) => [file, scenarios.get(file) as Scenario])),
    );
    print(outcome);
    outcomes.push(outcome);
  }
  return summarise(outcomes);
}

async function readScenarios(scenarios: Map<string, Scenario>): Promise<void> {
  const folder = join(root, 'scenarios');
  for (const file of (await readdir(folder, { recursive: true })).sort()) {
    if (!file.endsWith('.yaml') || !new RegExp(values.grep).test(file)) continue;
    // By way of JSON, so that what aliases share is no longer shared.
    const text = JSON.stringify(parse(await readFile(join(folder, file), 'utf8')));
    scenarios.set(file, JSON.parse(text));
  }
}

/** The names of a topology's nodes, with those of what it extends. */
async function nodesOf(topology: string | Topology): Promise<string[]> {
  if (typeof topology === 'string') {
    return nodesOf(parse(await readFile(join(project, 'lab/topologies', `${topology}.yaml`), 'utf8')));
  }
  const names = new Set(topology.extends === undefined ? [] : await nodesOf(topology.extends));
  for (const [name, node] of Object.entries(topology.nodes ?? {})) {
    if (node === null) names.delete(name);
    else names.add(name);
  }
  return [...names];
}

/** Runs scenarios, and once more those of which the observer's own captures are not complete. */
async function observe(files: readonly string[]): Promise<Report> {
  const report = await run(files);
  const blind = new Set<string>();
  for (const scenario of report.scenarios) {
    const faults = labsOf(scenario).flatMap((lab) => lab.faults);
    if (faults.length === 0) continue;
    console.log(`made again: ${scenario.name}: ${faults.join('; ')}`);
    blind.add(fileOf(scenario));
  }
  if (blind.size === 0) return report;
  const again = await run([...blind]);
  const seen = report.scenarios.filter((scenario) => !blind.has(fileOf(scenario)));
  return { ...report, scenarios: [...seen, ...again.scenarios] };
}

async function run(files: readonly string[]): Promise<Report> {
  const argv = [
    'run',
    '--reporter',
    'json',
    '--workers',
    values.workers,
    '--output',
    join(project, 'results'),
  ];
  const child = spawn(process.execPath, [command, ...argv, ...files.map((file) => join('scenarios', file))], {
    cwd: project,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const chunks: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  await once(child, 'close');
  return JSON.parse(Buffer.concat(chunks).toString('utf8'));
}

async function compareReport(report: Report, scenarios: ReadonlyMap<string, Scenario>): Promise<Outcome> {
  const failures: string[] = [];
  // A scenario without a report would be one that nobody observed.
  for (const file of scenarios.keys()) {
    if (!report.scenarios.some((each) => fileOf(each) === file)) failures.push(`${file}: not in the report`);
  }
  const labs: (readonly [Lab, Scenario, ReportedScenario])[] = [];
  for (const reported of report.scenarios) {
    const scenario = scenarios.get(fileOf(reported));
    if (scenario === undefined || reported.status === 'errored') {
      failures.push(`${reported.name}: ${reported.reason?.text}`);
    } else {
      labs.push(...labsOf(reported).map((lab) => [lab, scenario, reported] as const));
    }
  }
  const packets = await decode(labs.flatMap(([{ captures }]) => captures));
  const comparisons = labs.flatMap(([lab, scenario, { variant }]) => {
    const own = packets.filter(({ capture }) => capture.lab === lab.id);
    own.sort((one, other) => one.time - other.time);
    return compareLab(lab, own, termsIn(scenario, variant));
  });
  return { comparisons, failures, labs: labs.length };
}

/** The file's path below `scenarios`, however the report names it. */
function fileOf({ file }: ReportedScenario): string {
  return relative(join(project, 'scenarios'), resolve(project, file));
}

function print({ comparisons, failures }: Outcome): void {
  for (const failure of failures) console.log(`not observed: ${failure}`);
  for (const { lab, flow, skipped, disagreements } of comparisons) {
    if (skipped !== null) console.log(`skipped: ${lab}: ${textOf(flow)}: ${skipped}`);
    if (disagreements.length > 0) console.log(`disagreement: ${lab}: ${textOf(flow)}`);
    for (const each of new Set(disagreements)) console.log(`  ${each}`);
  }
}

function summarise(outcomes: readonly Outcome[]): number {
  const all = outcomes.flatMap(({ comparisons }) => comparisons);
  const compared = all.filter(({ skipped }) => skipped === null);
  const disagreeing = compared.filter(({ disagreements }) => disagreements.length > 0);
  const failures = outcomes.flatMap((outcome) => outcome.failures);
  const labs = outcomes.reduce((sum, outcome) => sum + outcome.labs, 0);
  const verdicts = new Map<string, number>();
  for (const { flow } of compared) verdicts.set(flow.verdict, (verdicts.get(flow.verdict) ?? 0) + 1);
  console.log([...verdicts].map(([verdict, count]) => `${verdict} ${count}`).join(', '));
  console.log(
    `${compared.length} flows in ${labs} labs compared, ${disagreeing.length} disagreements, ` +
      `${failures.length} scenarios not observed, ${all.length - compared.length} flows skipped, seed ${seed}`,
  );
  return disagreeing.length > 0 || failures.length > 0 || compared.length === 0 ? 1 : 0;
}

function textOf({ from, to, probe, family, at, verdict }: ReportedFlow): string {
  return `${from} to ${to}, ${probe}, IPv${family}, at ${at}: ${verdict}`;
}

/** What the scenario says of a flow of the report. */
function termsIn(scenario: Scenario, variant: ReportedScenario['variant']): TermsOf {
  const applies = (when: When = {}) =>
    Object.entries(when).every(
      ([key, wanted]) => !(key in variant) || [wanted].flat().map(String).includes(String(variant[key])),
    );
  return (title, { from, to, probe, family, expected }, nth) => {
    const step = scenario.steps.find((_, i) => stepTitle(i) === title);
    const flows = step?.flows?.filter(
      (each) =>
        each.from === from &&
        each.to === to &&
        probeText(each) === probe &&
        (each.family ?? family) === family &&
        applies(each.when),
    );
    const flow = flows?.[nth];
    const own = typeof flow?.probe === 'object' ? flow.probe : {};
    const { count = 1, size = 56, timeout = '1s' } = { ...scenario.defaults, ...own };
    // The scenario's default shortens only the wait for an answer that is not expected.
    const isAnswered = ANSWERED.includes(expected.verdict ?? '') && own.timeout === undefined;
    const { answeredBy } = flow ?? {};
    return {
      ...{ count, size, timeout: isAnswered ? Math.max(secondsOf(timeout), 1) : secondsOf(timeout) },
      ...(answeredBy === undefined ? {} : { answeredBy }),
    };
  };
}

const ANSWERED = ['symmetric', 'asymmetric', 'wrong-source', 'refused'];

function probeText({ probe }: Flow): string {
  if (typeof probe === 'string') return probe;
  return probe.port === undefined ? String(probe.protocol) : `${probe.protocol}/${probe.port}`;
}

function secondsOf(duration: number | string): number {
  if (typeof duration === 'number') return duration / 1000;
  return Number.parseFloat(duration) / (duration.endsWith('ms') ? 1000 : 1);
}

try {
  process.exitCode = await main();
} finally {
  if (values.keep === undefined) await rm(project, { recursive: true });
}
