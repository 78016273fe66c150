import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { validate } from 'dockerfile-utils';
import t from 'tap';
import { packageFolder } from '../../src/system/package-folder.js';

const text = readFileSync(join(packageFolder(), 'Dockerfile'), 'utf8');

const complaints = (dockerfile: string): readonly string[] =>
  validate(dockerfile).map(({ message, range }) => `${range.start.line + 1}: ${message}`);

t.test('the Dockerfile passes its linter, which finds mistakes', async (t) => {
  t.strictSame(complaints(text), []);
  for (const [right, wrong, complaint] of [
    ['WORKDIR', 'WORKDIRS', /Unknown instruction: WORKDIRS/],
    ['COPY --from', 'COPY --form', /unknown flag: .*form/i],
    ['AS kernels', 'AS replypath', /duplicate name replypath/],
  ] as const) {
    t.ok(text.includes(right), right);
    t.match(complaints(text.replace(right, wrong)).join('\n'), complaint, wrong);
  }
});

t.test('stages come from stages before them, or from an image with its version', async (t) => {
  const stages = new Set<string>();
  for (const [, from = '', stage] of text.matchAll(/^FROM (\S+)(?: AS (\S+))?$/gm)) {
    if (!stages.has(from)) t.match(from, /^[a-z]+:[\w.-]+$/, from);
    if (stage !== undefined) stages.add(stage);
  }
  for (const [, stage = ''] of text.matchAll(/--from=(\S+)/g)) t.ok(stages.has(stage), stage);
  t.ok(stages.size > 2);
});

t.test('shellcheck has nothing against its scripts', async (t) => {
  const scripts = [...text.matchAll(/^RUN ((?:.*\\\n)*.*)$/gm)].map(([, script = '']) => script);
  t.ok(scripts.length > 3);
  for (const script of scripts) {
    t.equal(spawnSync('shellcheck', ['--shell', 'sh', '-'], { input: script, encoding: 'utf8' }).stdout, '');
  }
});
