// npm run schemas: writes schemas/NAME.schema.json from the formats in src/format.
import { mkdirSync, writeFileSync } from 'node:fs';
import { SCHEMAS, schemaText } from '../dist/format/json-schema.js';

const folder = new URL('../schemas/', import.meta.url);
mkdirSync(folder, { recursive: true });
for (const name of Object.keys(SCHEMAS)) {
  writeFileSync(new URL(`${name}.schema.json`, folder), schemaText(name));
}
