import { copyFile, mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import t from 'tap';

const CHECKOUT = fileURLToPath(new URL('../../..', import.meta.url));
const QUIET = ['--no-audit', '--no-fund', '--loglevel=error'];

// Built by scripts/test before: what is packed is dist/, not what the tests were compiled to.
t.test('the packed package, installed globally, works from an empty folder', async (t) => {
  const folder = t.testdir();
  const packed = await execa('npm', ['pack', '--json', '--pack-destination', folder, ...QUIET], {
    cwd: CHECKOUT,
  });
  const [tarball]: [{ filename: string; files: { path: string }[] }] = JSON.parse(packed.stdout);
  const paths = tarball.files.map((file) => file.path);
  for (const path of ['dist/cli/main.js', 'src/system/agent.pl', 'README.md', 'LICENSE']) {
    t.ok(paths.includes(path), `has ${path}`);
  }
  t.ok(
    paths.some((path) => path.startsWith('lab/topologies/')),
    'has topologies',
  );
  t.notOk(
    paths.some((path) => /^(test|build|node_modules|replypath-results)\//.test(path)),
    'has nothing else',
  );

  const prefix = join(folder, 'prefix');
  const archive = join(folder, tarball.filename);
  await execa('npm', ['install', '--global', '--prefix', prefix, '--prefer-offline', ...QUIET, archive]);

  const empty = join(folder, 'empty');
  await mkdir(join(empty, 'scenarios'), { recursive: true });
  const replypath = (...args: string[]) =>
    execa(join(prefix, 'bin/replypath'), args, { cwd: empty, reject: false, stdin: 'ignore' });

  const version = await replypath('--version');
  t.match(version, { exitCode: 0, stdout: /^\d+\.\d+\.\d+$/m, stderr: '' });

  const recipes = join(CHECKOUT, 'scenarios/recipes');
  const [scenario] = (await readdir(recipes)).filter((name) => name.endsWith('.yaml')).sort();
  t.ok(scenario, 'there is a scenario to copy');
  await copyFile(join(recipes, scenario!), join(empty, 'scenarios/copied.yaml'));
  const valid = await replypath('validate', 'scenarios/copied.yaml');
  t.equal(valid.exitCode, 0, 'the topologies and policies that it names are found');
  if (valid.exitCode !== 0) t.comment(valid.stdout, valid.stderr);

  const run = await replypath('run', '--reporter', 'json', 'scenarios/copied.yaml');
  t.equal(run.exitCode, 0, 'it runs');
  if (run.exitCode !== 0) t.comment(run.stderr);
  else t.match(JSON.parse(run.stdout).summary, { passed: /[1-9]/, failed: 0, errored: 0 });

  await writeFile(join(empty, 'scenarios/bad.yaml'), 'title: 1\n');
  t.equal((await replypath('validate', 'scenarios/bad.yaml')).exitCode, 3, 'an invalid scenario');
});
