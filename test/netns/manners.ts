import { basename, dirname, join } from 'node:path';
import type { Test } from 'tap';
import type { ScenarioInput } from '../../src/format/scenario.js';
import type { ScenarioResult } from '../../src/model/result.js';
import { complaints, copyChanged, makeFalse, withoutPolicy } from './changed.js';
import { execute, MAIN, ROOT, run } from './command.js';

type Change = (scenario: ScenarioInput) => void;

export interface Manners {
  /** Files and folders of scenarios, from the root of the checkout. */
  readonly paths: readonly string[];
  /** Whether it is all variants that are run as they are, for a caller who looks at each; else the first of each scenario. */
  readonly allVariants?: boolean;
  /** Options by which the command selects among them. */
  readonly selection?: readonly string[];
  /** Other options of the command. */
  readonly options?: readonly string[];
  /** Other changes, by name, with which nothing may pass either. */
  readonly changes?: Readonly<Record<string, Change>>;
}

/**
 * Runs the first variant of each scenario in one go: as it is, where it has to pass and to say where it is from; and
 * without what its policies do, and with one expectation made false, where none may. Gives the results of those as
 * they are. That the other variants pass is for the last step of scripts/test, which runs every scenario.
 */
export async function inAllManners(
  t: Test,
  { paths, allVariants = false, selection = [], options = [], changes = {} }: Manners,
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
  const cells = await cellsOf([...copies, ...selection]);
  const further = cells.filter(({ id }) => allVariants && id.startsWith('as-it-is/'));
  const grep = grepOf([...further, ...firstOf(cells)].map(({ name }) => name));
  // Nobody asks why what is made to fail fails.
  const { report, stderr } = await run([...copies, '--explain', 'none', '--grep', grep, ...options]);
  const of = (manner: string) => report.scenarios.filter(({ id }) => id.startsWith(`${manner}/`));
  const found = of('as-it-is');
  t.not(found.length, 0, stderr);
  const ids = [...new Set(found.map(({ id }) => withoutManner(id)))];
  for (const scenario of found) checkPassed(t, scenario);
  for (const manner of Object.keys(manners).slice(1)) {
    const changed = of(manner);
    t.strictSame(
      changed.map(({ id }) => withoutManner(id)),
      ids,
      manner,
    );
    for (const scenario of changed) {
      if (manner === 'made-false') checkFalse(t, scenario);
      else checkFailed(t, scenario);
    }
  }
  return found;
}

interface Cell {
  readonly id: string;
  readonly name: string;
}

/** What the command would run. */
export async function cellsOf(args: readonly string[]): Promise<readonly Cell[]> {
  const { stdout, stderr } = await execute([process.execPath, MAIN, 'list', '--json', ...args]);
  if (stdout === '') throw new Error(stderr);
  return JSON.parse(stdout);
}

/** The first variant of each scenario. */
export function firstOf<T extends { readonly id: string }>(cells: readonly T[]): readonly T[] {
  return cells.filter(({ id }, i) => cells.findIndex((cell) => cell.id === id) === i);
}

/** A regular expression that just these names match. */
export function grepOf(names: readonly string[]): string {
  return `^(${names.map((name) => name.replaceAll(/[^\w ]/g, '\\$&')).join('|')})$`;
}

export function withoutManner(id: string): string {
  return id.slice(id.indexOf('/') + 1);
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
