import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { packageFolder } from '../../src/system/package-folder.js';

const SHOWN = [
  ['examples/github/routing.yml', 'docs/ci.md'],
  ['examples/vagrant/Vagrantfile', 'docs/vagrant.md'],
] as const;

for (const [file, page] of SHOWN) {
  t.test(`${page} shows ${file} as it is`, async (t) => {
    const read = (path: string) => readFileSync(join(packageFolder(), path), 'utf8');
    const fences = [...read(page).matchAll(/^```\w+\n(.*?)^```$/gms)].map(([, text = '']) => text);
    const text = read(file);
    const [first = ''] = text.split('\n\n');
    const shown = fences.find((fence) => fence.startsWith(first));
    t.equal(shown, text);
  });
}
