import { copyFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import t from 'tap';
import { installPacked, ROOT, TSC } from './packed.js';

const RESOLUTIONS = [
  { module: 'node16', moduleResolution: 'node16' },
  { module: 'nodenext', moduleResolution: 'nodenext' },
  { module: 'esnext', moduleResolution: 'bundler' },
] as const;

const project = t.testdir({ 'package.json': '{ "type": "module" }' });
const installed = await installPacked(project, '@types/node');

t.test('publint has nothing against the package', async (t) => {
  const { messages, pkg } = await publint({ pkgDir: installed, pack: false, strict: true });
  t.strictSame(
    messages.map((message) => formatMessage(message, pkg)),
    [],
  );
});

t.test('a program compiles against it, with the declarations of all it leads to', async (t) => {
  copyFileSync(join(ROOT, 'test/library/consumer/main.ts'), join(project, 'main.ts'));
  for (const resolution of RESOLUTIONS) {
    const name = resolution.moduleResolution;
    const compilerOptions = {
      ...resolution,
      ...{ target: 'es2023', lib: ['es2023'], types: ['node'], noEmit: true },
      ...{
        strict: true,
        skipLibCheck: false,
        exactOptionalPropertyTypes: true,
        noUncheckedIndexedAccess: true,
      },
    };
    writeFileSync(join(project, `${name}.json`), JSON.stringify({ compilerOptions, files: ['main.ts'] }));
    const tsc = [TSC, '-p', `${name}.json`, '--pretty', 'false'];
    const { stdout, exitCode } = await execa(process.execPath, [...tsc, '--explainFiles'], {
      cwd: project,
      reject: false,
    });
    t.equal(exitCode, 0, name, { output: stdout.slice(0, 3000) });
    // What the names of input files in their YAML form come to is our own: no declarations of zod's are read.
    t.notMatch(stdout, /node_modules\/zod\//, `${name}: no types of a dependency leak`);
  }
});
