import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import t from 'tap';
import { stringify } from 'yaml';
import { ROOT, run } from '../netns/command.js';
import { cellsOf, firstOf, grepOf, withoutManner } from '../netns/manners.js';
import { linesOf } from './carrying-line.js';
import { copyOf } from './copy.js';
import { hasFailedFlow, isMissed } from './missed.js';

/*
 * Each scenario of the catalogue without a line of its recipe, one after the other, until it fails: there has to be such
 * a line, or the scenario would prove nothing of its recipe. test/netns/manners.ts has the other control, a false
 * expectation.
 */
const FOLDERS = ['recipes', 'reports'];

/** The lines that are tried together; most scenarios have one among the first. */
const ROUNDS = [
  [0, 1],
  [1, 4],
  [4, 10],
  [10, 24],
] as const;

t.setTimeout(600_000);

t.test('every recipe has a line that carries it', async (t) => {
  const project = t.testdir();
  let left = await scenarioFiles();
  const carrying = new Map<string, string>();
  const skipped = new Set<string>();
  for (const [first, end] of ROUNDS) {
    const removed = new Map<string, string>();
    for (const file of left) {
      for (let at = first; at < end; at++) {
        const scenario = await copyOf(join(ROOT, 'scenarios', file));
        const line = linesOf(scenario)[at];
        if (line === undefined) break;
        line.remove();
        const copy = `${at}/${file}`;
        removed.set(copy, line.text);
        const path = join(project, 'scenarios', copy);
        await mkdir(dirname(path), { recursive: true });
        await writeFile(path, stringify(scenario, { aliasDuplicateObjects: false }));
      }
    }
    if (removed.size === 0) break;
    const paths = [...removed.keys()].map((copy) => join(project, 'scenarios', copy));
    const cells = await cellsOf(paths);
    const grep = grepOf([...firstOf(cells), ...firstOf(cells.toReversed())].map(({ name }) => name));
    const { report } = await run([...paths, '--workers', '4', '--explain', 'none', '--grep', grep]);
    for (const result of report.scenarios) {
      const { id, status } = result;
      const file = `${withoutManner(id)}.yaml`;
      // A machine that cannot carry a scenario out has nothing to say of it.
      if (status === 'skipped') skipped.add(file);
      else if (isMissed(result) && !carrying.has(file))
        carrying.set(
          file,
          `${removed.get(`${id}.yaml`)} (${hasFailedFlow(result.steps) ? 'a flow' : 'a check'})`,
        );
    }
    left = left.filter((file) => !carrying.has(file) && !skipped.has(file));
  }
  for (const [file, line] of [...carrying].sort()) t.comment(`${file}: ${line}`);
  for (const file of skipped) t.comment(`${file}: skipped here`);
  t.not(carrying.size, 0);
  t.strictSame(left, [], 'scenarios of which no line is missed');
});

async function scenarioFiles(): Promise<string[]> {
  const files = await readdir(join(ROOT, 'scenarios'), { recursive: true });
  return files.filter((file) => file.endsWith('.yaml') && FOLDERS.includes(dirname(file))).sort();
}
