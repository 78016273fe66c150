// The program behind scripts/fuzz, which says what it does.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import fc from 'fast-check';
import { check, readSeeds } from './check.js';
import { mutated } from './mutate.js';

const { values } = parseArgs({
  options: {
    root: { type: 'string', default: process.cwd() },
    runs: { type: 'string', default: '20000' },
    seed: { type: 'string', default: String(Math.floor(Math.random() * 2 ** 31)) },
  },
});
const [numRuns, seed] = [Number(values.runs), Number(values.seed)];
const folder = await mkdtemp(join(tmpdir(), 'replypath-fuzz-'));
try {
  console.log(`seed ${seed}, ${numRuns} files`);
  const begin = performance.now();
  const codes = new Map<string, number>();
  let [valid, done, slowest, slowestFile] = [0, 0, 0, ''];
  const property = fc.asyncProperty(mutated(await readSeeds(values.root)), async ({ seed: of, content }) => {
    const { complaints, codes: found, ms } = await check(values.root, folder, of, content);
    if (++done % 1000 === 0) console.error(`${done} files, ${seconds(begin)} s`);
    if (found.length === 0) valid++;
    for (const code of new Set(found)) codes.set(code, (codes.get(code) ?? 0) + 1);
    if (ms > slowest) [slowest, slowestFile] = [ms, described(of.name, content)];
    if (complaints.length === 0) return;
    throw new Error(`${complaints.join('\n')}\n${described(of.name, content)}`);
  });
  const details = await fc.check(property, { numRuns, seed });
  for (const [code, count] of [...codes].sort((a, b) => b[1] - a[1]))
    console.log(`${String(count).padStart(6)} ${code}`);
  console.log(`slowest: ${Math.round(slowest)} ms of processor time, a mutation of ${slowestFile}`);
  if (details.failed) {
    console.log(
      `${details.errorInstance instanceof Error ? details.errorInstance.message : details.errorInstance}`,
    );
    console.log(`failed after ${details.numRuns} files, seed ${seed}, path ${details.counterexamplePath}`);
    process.exitCode = 1;
  } else {
    console.log(
      `${details.numRuns} files, ${valid} still valid, nothing found in ${seconds(begin)} s, seed ${seed}`,
    );
  }
} finally {
  await rm(folder, { recursive: true });
}

function described(name: string, content: Buffer): string {
  return `${name}, as a JSON string of latin1:\n${JSON.stringify(content.toString('latin1')).slice(0, 5000)}`;
}

function seconds(begin: number): string {
  return ((performance.now() - begin) / 1000).toFixed(1);
}
