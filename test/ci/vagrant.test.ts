import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import t from 'tap';
import { packageFolder } from '../../src/system/package-folder.js';
import { findTool } from '../../src/system/path.js';

const FILES = ['Vagrantfile', 'examples/vagrant/Vagrantfile'];

const read = (file: string) => readFileSync(join(packageFolder(), file), 'utf8');

/** What a Vagrantfile has machines do, by the name of the constant. */
function scriptsOf(vagrantfile: string): ReadonlyMap<string, string> {
  const scripts = vagrantfile.matchAll(/^([A-Z]+) = <<~'SHELL'\n(.*?)^SHELL$/gms);
  return new Map([...scripts].map(([, name = '', script = '']) => [name, script]));
}

t.test('shellcheck has nothing against what is done in machines', async (t) => {
  for (const file of FILES) {
    const scripts = scriptsOf(read(file));
    t.ok(scripts.size > 1, file);
    for (const [name, script] of scripts) {
      const { stdout } = spawnSync('shellcheck', ['--shell', 'sh', '-'], { input: script, encoding: 'utf8' });
      t.equal(stdout, '', `${file}: ${name}`);
      t.match(read(file), `inline: ${name}\n`, 'it is done');
    }
  }
});

t.test('both install Node and permit namespaces in the same way', async (t) => {
  const [own, users] = FILES.map((file) => scriptsOf(read(file)));
  for (const name of ['NODE', 'NAMESPACES']) t.equal(own?.get(name), users?.get(name), name);
});

const skip = findTool('vagrant') === null && 'vagrant is not installed';
t.test('vagrant takes them', { skip }, async (t) => {
  const folder = t.testdir();
  // Both at once: to start takes it seconds.
  const outcomes = await Promise.all(
    FILES.map(async (file, i) => {
      const [home, project] = [join(folder, `home-${i}`), join(folder, `project-${i}`)];
      for (const path of [home, project]) mkdirSync(path);
      cpSync(join(packageFolder(), file), join(project, 'Vagrantfile'));
      const { exitCode, all } = await execa('vagrant', ['validate', '--ignore-provider'], {
        cwd: project,
        env: {
          ...{ VAGRANT_HOME: home, VAGRANT_DOTFILE_PATH: join(home, 'machines') },
          VAGRANT_CHECKPOINT_DISABLE: '1',
        },
        all: true,
        reject: false,
      });
      return { file, exitCode, all };
    }),
  );
  for (const { file, exitCode, all } of outcomes) t.equal(exitCode, 0, file, { all });
});
