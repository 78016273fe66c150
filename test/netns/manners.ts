import { basename, dirname, join } from 'node:path';
import type { Test } from 'tap';
import type { ScenarioInput } from '../../src/format/scenario.js';
import type { ScenarioResult } from '../../src/model/result.js';
import { complaints, copyChanged, makeFalse, withoutPolicy } from './changed.js';
import { ROOT, run } from './command.js';

type Change = (scenario: ScenarioInput) => void;

export interface Manners {
  /** Files and folders of scenarios, from the root of the checkout. */
  readonly paths: readonly string[];
  /** Options of the command beside its paths. */
  readonly options?: readonly string[];
  /** Other changes, by name, with which nothing may pass either. */
  readonly changes?: Readonly<Record<string, Change>>;
}

/**
 * Runs scenarios in one go: as they are, where each has to pass and to say where it is from, without what their policies
 * do, and with one expectation made false, where none may. Gives the results of those as they are.
 */
export async function inAllManners(
  t: Test,
  { paths, options = [], changes = {} }: Manners,
): Promise<readonly ScenarioResult[]> {
  const project = t.testdir();
  const manners: Readonly<Record<string, Change>> = {
    'as-it-is': () => {},
    'without-policy': withoutPolicy,
    'made-false': makeFalse,
    ...changes,
  };
  const copies: string[] = [];
  for (const [manner, change] of Object.entries(manners)) {
    for (const path of paths) {
      const folder = path.endsWith('.yaml') ? dirname(path) : path;
      const copy = join(project, 'scenarios', manner, basename(folder));
      await copyChanged(join(ROOT, folder), copy, change);
      copies.push(path === folder ? copy : join(copy, basename(path)));
    }
  }
  // Nobody asks why what is made to fail fails.
  const { report, stderr } = await run([...copies, '--explain', 'none', ...options]);
  const of = (manner: string) => report.scenarios.filter(({ id }) => id.startsWith(`${manner}/`));
  const found = of('as-it-is');
  const names = namesOf('as-it-is', found);
  t.not(names.length, 0, stderr);
  for (const scenario of found) checkPassed(t, scenario);
  for (const manner of Object.keys(manners).slice(1)) {
    const changed = of(manner);
    t.strictSame(namesOf(manner, changed), names, manner);
    for (const scenario of changed) {
      if (manner === 'made-false') checkFalse(t, scenario);
      else checkFailed(t, scenario);
    }
  }
  return found;
}

function namesOf(manner: string, scenarios: readonly ScenarioResult[]): readonly string[] {
  return scenarios.map(({ name }) => name.slice(manner.length + 1));
}

function checkPassed(t: Test, scenario: ScenarioResult): void {
  const { name, status, source, claim, finding } = scenario;
  t.strictSame(complaints(scenario), [], name);
  t.equal(status, 'passed', name);
  const documented = { source: { document: String }, claim: /\S/, finding: { status: /\S/ } };
  t.match({ source, claim, finding }, documented, name);
}

/** A check of what the policy made may fail in its place; nothing else may keep the flows from being tried. */
function checkFailed(t: Test, { name, reason, steps }: ScenarioResult): void {
  t.match(reason?.code, /^(flow-not-as-expected|recipe-failed)$/, name);
  t.not(steps.length, 0, name);
}

/** It is that flow that fails, and no other. */
function checkFalse(t: Test, scenario: ScenarioResult): void {
  t.match(scenario, { status: 'failed', reason: { code: 'flow-not-as-expected' } }, scenario.name);
  const found = complaints(scenario);
  const failed = scenario.steps.flatMap(({ flows }) => flows.filter(({ status }) => status === 'failed'));
  t.equal(new Set(failed.map(({ line }) => line)).size, 1, `${scenario.name}: ${found.join('\n')}`);
  for (const complaint of found) t.match(complaint, /verdict is [a-z-]+, expected /, scenario.name);
}
