import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import t from 'tap';
import { knownTopologies } from '../../src/cli/topologies.js';
import type { Topology } from '../../src/model/topology.js';
import { packageFolder } from '../../src/system/package-folder.js';

const ROOT = packageFolder();

t.test('each topology has a picture of what it is now, and the page on topologies shows it', async (t) => {
  const { picture } = (await import(pathToFileURL(join(ROOT, 'scripts/picture.js')).href)) as {
    picture: (topology: Topology) => Promise<string>;
  };
  const page = await readFile(join(ROOT, 'docs/topologies.md'), 'utf8');
  const topologies = await knownTopologies(ROOT);
  for (const { name, topology } of topologies) {
    const file = `pictures/${name}.svg`;
    const drawn = await readFile(join(ROOT, 'docs', file), 'utf8').catch(() => 'none: npm run pictures');
    t.equal(drawn, await picture(topology), name);
    t.match(page, new RegExp(`!\\[[^\\]]+\\]\\(${file}\\)`), `${file} on the page`);
  }
  const names = topologies.map(({ name }) => `${name}.svg`);
  t.strictSame((await readdir(join(ROOT, 'docs/pictures'))).sort(), names.sort());
});
