import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import t from 'tap';
import { installPacked, ROOT, TSC } from '../library/packed.js';

/*
 * The TypeScript examples of docs/library.md, each of which begins with `// example: NAME.ts`, are compiled and
 * run as in a project that has the package installed. They assert what they show. Scenarios of the page are the
 * project's.
 */
const markdown = readFileSync(join(ROOT, 'docs/library.md'), 'utf8');
const fences = [...markdown.matchAll(/^```(\w+)\n(.*?)^```$/gms)].map(([, kind = '', text = '']) => ({
  kind,
  text,
}));
const project = t.testdir({ scenarios: {}, 'package.json': '{ "type": "module" }' });

for (const { text } of fences.filter(({ kind }) => kind === 'yaml')) {
  const name = /^# scenario: (\S+)\n/.exec(text)?.[1];
  if (name !== undefined) writeFileSync(join(project, 'scenarios', name), text);
}

const names = fences
  .filter(({ kind }) => kind === 'ts')
  .map(({ text }) => {
    const name = /^\/\/ example: (\S+)\.ts\n/.exec(text)?.[1] ?? '';
    t.ok(name, 'an example has a name');
    mkdirSync(join(project, 'src'), { recursive: true });
    writeFileSync(join(project, 'src', `${name}.ts`), text);
    return name;
  });
t.ok(names.length > 3);

await installPacked(project, '@types/node', 'tap');
const compilerOptions = {
  ...{
    target: 'es2023',
    lib: ['es2023'],
    types: ['node'],
    module: 'nodenext',
    rootDir: 'src',
    outDir: 'out',
  },
  ...{ strict: true, skipLibCheck: true, noUncheckedIndexedAccess: true },
};
writeFileSync(join(project, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['src'] }));
const compiled = await execa(process.execPath, [TSC, '-p', '.', '--pretty', 'false'], {
  cwd: project,
  reject: false,
});
t.equal(compiled.exitCode, 0, 'they compile', { output: compiled.stdout });

for (const name of names) {
  t.test(name, async (t) => {
    const { exitCode, all } = await execa(process.execPath, [`out/${name}.js`], {
      cwd: project,
      all: true,
      reject: false,
      timeout: 120_000,
    });
    t.equal(exitCode, 0, 'it holds what it asserts', { output: all });
    if (name.endsWith('.test')) t.match(all, /^ok 1 /m);
    else t.equal(all, '', 'it prints nothing');
  });
}
