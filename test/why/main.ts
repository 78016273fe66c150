import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import pLimit from 'p-limit';
import { stringify } from 'yaml';
import { readScenarios } from '../../src/cli/read-scenarios.js';
import type { Scenario } from '../../src/model/scenario.js';
import { lacksFor } from '../../src/run/missing.js';
import type { RerunMeans } from '../../src/run/rerun.js';
import { Machine } from '../../src/system/machine.js';
import { startSandbox } from '../../src/system/sandbox.js';
import { randomLab } from '../observer/random-lab.js';
import { type Checked, checkScenario, type Outcome, outcomeOf } from './check.js';

// scripts/why says how this is used.
const { values } = parseArgs({
  options: {
    root: { type: 'string', default: process.cwd() },
    labs: { type: 'string', default: '200' },
    seed: { type: 'string', default: String(Math.floor(Math.random() * 2 ** 31)) },
    only: { type: 'string', default: '' },
    grep: { type: 'string', default: '' },
    workers: { type: 'string', default: '2' },
    repeat: { type: 'boolean', default: false },
    verbose: { type: 'boolean', default: false },
  },
});
const [labCount, seed] = [Number(values.labs), Number(values.seed)];

const OUTCOMES: readonly Outcome[] = [
  'changed',
  'one-of-several',
  'unchanged',
  'failed',
  'without-repair',
  'without-cause',
];

/** What a cause is not proved by: repairing just what it blames must change the verdict. */
const WRONG: readonly Outcome[] = ['unchanged', 'failed', 'without-repair', 'without-cause'];

async function main(project: string): Promise<number> {
  console.log(`seed ${seed}, ${labCount} random labs`);
  const scenarios = (await allScenarios(project)).filter(({ name }) => new RegExp(values.grep).test(name));
  const sandbox = startSandbox();
  const machine = new Machine(sandbox);
  const means: RerunMeans = { sandbox, capture: 'agent', signal: new AbortController().signal };
  const limit = pLimit(Number(values.workers));
  const faults: string[] = [];
  const check = async (scenario: Scenario): Promise<readonly Checked[]> => {
    const lacks = await lacksFor(scenario, machine);
    if (lacks.length > 0) {
      console.log(`skipped: ${scenario.name}: ${lacks.map(({ complaint }) => complaint).join(', ')}`);
      return [];
    }
    const { checked, reason } = await checkScenario(scenario, means, values.repeat);
    if (reason !== null) faults.push(`${scenario.name}: ${reason.text}`);
    for (const each of checked) tell(each);
    return checked;
  };
  try {
    const checked = (await Promise.all(scenarios.map((each) => limit(check, each)))).flat();
    return summarise(scenarios.length, checked, faults);
  } finally {
    await (await sandbox).close();
  }
}

async function allScenarios(project: string): Promise<readonly Scenario[]> {
  const scenarios: Scenario[] = [];
  if (values.only !== 'labs') scenarios.push(...(await read([join(values.root, 'scenarios')], values.root)));
  if (values.only === 'scenarios') return scenarios;
  await cp(join(values.root, 'lab'), join(project, 'lab'), { recursive: true });
  await mkdir(join(project, 'scenarios/random'), { recursive: true });
  const files = Array.from({ length: labCount }, (_, i) =>
    join(project, `scenarios/random/lab-${seed + i}.yaml`),
  );
  for (const [i, file] of files.entries()) {
    await writeFile(file, stringify(randomLab(seed + i), { aliasDuplicateObjects: false }));
  }
  return files.length === 0 ? scenarios : [...scenarios, ...(await read(files, project))];
}

async function read(paths: readonly string[], root: string): Promise<readonly Scenario[]> {
  const { scenarios, diagnostics } = await readScenarios(paths, root);
  if (diagnostics.length > 0) throw new Error(diagnostics.map(({ message }) => message).join('\n'));
  return scenarios;
}

/** At once what is not as it should be; all of it where that was asked for. */
function tell(checked: Checked): void {
  const outcome = outcomeOf(checked);
  const { name, verdict, diagnosis, trial } = checked;
  if (!values.verbose && !WRONG.includes(outcome)) return;
  console.log(`${outcome}: ${name}: ${verdict}`);
  if (diagnosis !== null) console.log(`  ${diagnosis.code}: ${diagnosis.text}`);
  if (diagnosis?.repair) console.log(`  repair: ${diagnosis.repair.text}`);
  if (trial !== null) console.log(`  then: ${trial.reason?.text ?? trial.verdict}`);
  for (const change of values.verbose ? (trial?.changes ?? []) : [])
    console.log(`  flow ${change.flow + 1} of the step: ${change.before} becomes ${change.after}`);
  for (let { next } = checked; next !== null; next = next.next) {
    console.log(`  then ${next.diagnosis?.code}: ${next.diagnosis?.text}`);
    console.log(`  repair: ${next.diagnosis?.repair?.text}, then: ${next.trial?.verdict}`);
  }
}

function summarise(labs: number, checked: readonly Checked[], faults: readonly string[]): number {
  for (const fault of faults) console.log(`not checked: ${fault}`);
  const codes = new Map<string, Map<Outcome, number>>();
  for (const each of checked) {
    const code = each.diagnosis?.code ?? '(none)';
    const counts = codes.get(code) ?? new Map<Outcome, number>();
    codes.set(code, counts.set(outcomeOf(each), (counts.get(outcomeOf(each)) ?? 0) + 1));
  }
  const row = (name: string, cells: readonly (string | number)[]) =>
    console.log([name.padEnd(22), ...cells.map((cell) => String(cell).padStart(16))].join(''));
  const sum = (counts: ReadonlyMap<Outcome, number>) => [...counts.values()].reduce((a, b) => a + b, 0);
  row('', ['flows', ...OUTCOMES]);
  for (const [code, counts] of [...codes].sort(([, a], [, b]) => sum(b) - sum(a)))
    row(code, [sum(counts), ...OUTCOMES.map((outcome) => counts.get(outcome) ?? '')]);
  const count = (outcome: Outcome) => checked.filter((each) => outcomeOf(each) === outcome).length;
  row('all', [checked.length, ...OUTCOMES.map(count)]);
  const wrong = WRONG.reduce((sum, outcome) => sum + count(outcome), 0);
  console.log(
    `${checked.length} flows astray in ${labs} scenarios and labs, ${wrong} not explained, ` +
      `${faults.length} not checked, seed ${seed}`,
  );
  return wrong > 0 || faults.length > 0 || checked.length === 0 ? 1 : 0;
}

const project = await mkdtemp(join(tmpdir(), 'why-'));
try {
  process.exitCode = await main(project);
} finally {
  await rm(project, { recursive: true });
}
