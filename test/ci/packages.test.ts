import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { packageFolder } from '../../src/system/package-folder.js';
import { TOOLS } from '../../src/system/tools.js';

const ROOT = packageFolder();
const read = (file: string) => readFileSync(join(ROOT, file), 'utf8');

t.test('what others are told to install is all that labs use', async (t) => {
  const pages = ['docs/ci.md', 'docs/containers.md', 'docs/vagrant.md'];
  const files = ['Dockerfile', 'examples/github/routing.yml', 'examples/vagrant/Vagrantfile'];
  for (const file of [...pages, ...files]) {
    // A script goes on in the next line behind a backslash, and a plain text of YAML where it is indented further.
    const lists = [...read(file).matchAll(/apt-get (?:-q )?install ((?:.*\\\n|.*\n(?= +qemu))*.*)/g)]
      .map(([, list = '']) => list.split(/[^\w-]+/))
      .filter((list) => list.includes('iproute2'));
    t.ok(lists.length > 0, file);
    for (const list of lists) {
      const missing = TOOLS.filter((tool) => !list.includes(tool.package)).map((tool) => tool.package);
      t.strictSame(missing, [], `${file}: ${list.join(' ')}`);
    }
  }
});

t.test('what is not copied into a machine or an image is nothing of the repository', async (t) => {
  const [, words = ''] = /own = %w\[(.*)\]/.exec(read('Vagrantfile')) ?? [];
  const ignored = read('.dockerignore').trim().split('\n');
  const tracked = execFileSync('git', ['ls-files'], { cwd: ROOT, encoding: 'utf8' }).trim().split('\n');
  for (const pattern of [...words.split(' '), ...ignored]) {
    // Without the slash rsync takes it for a name at any depth: src/build for build.
    t.match(pattern, /^\//, pattern);
    const [, name = ''] = /^\/([^/]+)\/?$/.exec(pattern) ?? [];
    t.notOk(
      tracked.some((file) => file.split('/')[0] === name),
      pattern,
    );
  }
});
