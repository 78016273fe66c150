import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import t from 'tap';
import { parse } from 'yaml';
import { type Workflow, workflowTexts } from './workflows.js';

/*
 * Workflows for GitHub Actions pass GitHub's own linter, and their scripts pass shellcheck. That the linter finds what it
 * is there for is tried with mistakes in the same workflows.
 */
const linter = join(t.testdir(), 'linter.cjs');
await build({
  entryPoints: [fileURLToPath(new URL('./workflow-linter.js', import.meta.url))],
  outfile: linter,
  bundle: true,
  format: 'cjs',
  platform: 'node',
  logLevel: 'warning',
});
const { lint }: typeof import('./workflow-linter.js') = createRequire(import.meta.url)(linter);
const texts = workflowTexts();

t.ok(texts.size >= 2, 'a file, and a shorter one in docs/ci.md');

for (const [place, text] of texts) {
  t.test(place, async (t) => {
    t.strictSame(await lint(text), []);
    const { permissions, jobs }: Workflow = parse(text);
    t.strictSame(permissions, { contents: 'read' }, 'it may read the repository, and nothing else');
    for (const [name, job] of Object.entries(jobs)) {
      t.ok(job['timeout-minutes'], `${name} has an end`);
      for (const { run } of job.steps) {
        if (run === undefined) continue;
        // In a container GitHub takes sh.
        const shell = job.container === undefined ? 'bash' : 'sh';
        t.equal(shellcheck(shell, run.replace(/\$\{\{.*?\}\}/g, '1')), '', run);
      }
    }
  });
}

function shellcheck(shell: string, script: string): string {
  return spawnSync('shellcheck', ['--shell', shell, '-'], { input: script, encoding: 'utf8' }).stdout;
}

t.test('the linter finds mistakes', async (t) => {
  const text = texts.get('examples/github/routing.yml') ?? '';
  const mistakes: readonly (readonly [string, string, RegExp])[] = [
    ['timeout-minutes:', 'timeout-minuts:', /Unexpected value 'timeout-minuts'/],
    ['needs: shard', 'needs: shards', /unknown job 'shards'/],
    ['matrix.shard }}', 'matrix.part }}', /Context access might be invalid: part/],
    ['steps.now.outputs', 'steps.then.outputs', /Context access might be invalid: then/],
    ['always()', 'allways()', /Unrecognized function: 'allways'/],
    ['merge-multiple:', 'merge-several:', /Invalid action input 'merge-several'/],
    ['path: joined', 'retention-days: 3', /Missing required input `path`/],
    ['actions/cache@v6', 'actions/cache@v1', /Unable to resolve action `actions\/cache@v1`/],
    ['contents: read', 'contents: raed', /raed/],
  ];
  for (const [right, wrong, complaint] of mistakes) {
    t.ok(text.includes(right), right);
    t.match((await lint(text.replace(right, wrong))).join('\n'), complaint, wrong);
  }
});
