// npm run pictures: draws each topology of lab/topologies into docs/pictures/NAME.svg, at the defaults of its parameters.
import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { knownTopologies } from '../dist/cli/topologies.js';
import { picture } from './picture.js';

const folder = new URL('../docs/pictures/', import.meta.url);
mkdirSync(folder, { recursive: true });
for (const { name, topology } of await knownTopologies(fileURLToPath(new URL('..', import.meta.url)))) {
  writeFileSync(new URL(`${name}.svg`, folder), await picture(topology));
}
