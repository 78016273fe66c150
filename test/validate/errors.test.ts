import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { DIAGNOSTIC_CODES } from '../../src/format/codes.js';
import { loadScenarios } from '../../src/load/load.js';
import type { Diagnostic } from '../../src/model/diagnostic.js';
import { validate } from '../../src/validate/validate.js';

/** Each NAME.yaml is a scenario with faults, and NAME.txt beside it what is said of them. */
const folder = 'test/validate/errors';
const labDirs = [join(folder, 'lab'), 'lab'].map((path) => join(process.cwd(), path));

function render({ code, message, hint, place }: Diagnostic): string {
  const where = `${place.file.replace(`${folder}/`, '')}:${place.line}:${place.column}`;
  return [
    `${where} ${code}: ${message}`,
    ...(place.frame === '' ? [] : [place.frame]),
    `=> ${hint}`,
    '',
  ].join('\n');
}

const names = readdirSync(folder)
  .filter((name) => name.endsWith('.yaml'))
  .map((name) => name.slice(0, -'.yaml'.length));
const seen = new Set<string>();

for (const name of names) {
  const loaded = await loadScenarios([`${folder}/${name}.yaml`], { cwd: process.cwd(), labDirs });
  const { scenarios, invalid, diagnostics } = validate(loaded);
  const text = diagnostics.map(render).join('\n');
  const expectedFile = join(folder, `${name}.txt`);
  // After a look at the difference: REPLYPATH_UPDATE=1 writes what is said now.
  if (process.env.REPLYPATH_UPDATE === '1') writeFileSync(expectedFile, text);
  t.test(name, async (t) => {
    t.equal(text, readFileSync(expectedFile, 'utf8'));
    t.equal(scenarios.length, 0, 'nothing of an invalid file is run');
    t.equal(invalid.length, 1);
    for (const { place } of diagnostics) {
      const lines = readFileSync(place.file, 'utf8').split('\n');
      t.ok(place.line <= lines.length, 'the line is in the file');
      t.ok(place.column <= (lines[place.line - 1] ?? '').length + 1, 'the column is in the line');
    }
  });
  for (const { code } of diagnostics) seen.add(code);
}

t.test('every code that validation gives has a fixture', async (t) => {
  // Faults of files, which test/load makes on the spot.
  const ofFiles = [
    'no-such-file',
    'no-such-line',
    'unreadable-file',
    'file-too-large',
    'not-text',
    'duplicate-scenario',
  ];
  const missing = Object.keys(DIAGNOSTIC_CODES).filter((code) => !seen.has(code) && !ofFiles.includes(code));
  t.strictSame(missing, []);
});
