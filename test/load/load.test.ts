import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import t, { type Test } from 'tap';
import { loadScenarios } from '../../src/load/load.js';
import { placeOf } from '../../src/load/source.js';
import { get, markAt, toPlain } from '../../src/load/tree.js';

function project(t: Test, files: Readonly<Record<string, string | Uint8Array>>): string {
  const cwd = t.testdir({});
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(cwd, name)), { recursive: true });
    writeFileSync(join(cwd, name), content);
  }
  return cwd;
}

async function loadText(t: Test, text: string | Uint8Array) {
  const { scenarios } = await loadScenarios(['x.yaml'], { cwd: project(t, { 'x.yaml': text }) });
  return scenarios[0]!.file;
}

t.test('ids: below the nearest scenarios folder, else below the working directory', async (t) => {
  const cwd = project(t, {
    'scenarios/recipes/a1-rt2.yaml': 'title: a',
    'scenarios/b.yml': 'title: b',
    'scenarios/note.txt': 'no scenario',
    'more/scenarios/inner/scenarios/c.yaml': 'title: c',
    'own/d.yaml': 'title: d',
  });
  const ids = async (...paths: string[]) =>
    (await loadScenarios(paths, { cwd })).scenarios.map(({ id }) => id);
  t.strictSame(await ids(), ['b', 'recipes/a1-rt2']);
  t.strictSame(await ids('scenarios/recipes'), ['recipes/a1-rt2']);
  t.strictSame(await ids('more'), ['c']);
  t.strictSame(
    await ids('own/d.yaml', 'scenarios/b.yml', 'own'),
    ['own/d', 'b'],
    'each file once, in the order named',
  );
  t.strictSame(await ids('scenarios/**/*.yaml'), ['recipes/a1-rt2']);
});

t.test('a path that names nothing is a diagnostic, and the others are loaded', async (t) => {
  const cwd = project(t, { 'a.yaml': 'title: a' });
  const { scenarios, diagnostics } = await loadScenarios(['nowhere', 'a.yaml', '*.none'], { cwd });
  t.equal(scenarios.length, 1);
  t.match(diagnostics, [
    { code: 'no-such-file', place: { file: 'nowhere' } },
    { code: 'no-such-file', place: { file: '*.none' } },
  ]);
});

t.test('files that cannot be read as text', async (t) => {
  const code = async (text: string | Uint8Array) =>
    (await loadText(t, text)).diagnostics.map((one) => one.code);
  t.strictSame(await code(new Uint8Array([0x7f, 0x45, 0x4c, 0x46, 0, 0])), ['not-text']);
  t.strictSame(await code(new Uint8Array([0xff, 0xfe, 0x74, 0])), ['not-text'], 'UTF-16');
  t.strictSame(await code(`# ${'x'.repeat(1_000_001)}`), ['file-too-large']);
  t.strictSame(await code('# only a comment\n'), ['empty-file']);
  t.strictSame(
    await code('['.repeat(20_000) + ']'.repeat(20_000)),
    ['yaml-syntax'],
    'too deep for the parser',
  );
  t.strictSame((await code('['.repeat(50))).length, 3, 'only the first of many faults of syntax');
  t.strictSame(await code('title: x\nsteps:\n\t- a\n'), ['yaml-syntax']);
  t.strictSame(await code('!!python/object x'), ['yaml-syntax']);
  t.strictSame(await code('? [a]\n: b\n'), ['yaml-syntax'], 'a list as a key');
  t.strictSame(await code('title: "open\n'), ['yaml-syntax']);
});

t.test('a file without permission, and a link in a circle', async (t) => {
  const cwd = project(t, { 'a.yaml': 'title: a' });
  symlinkSync('loop.yaml', join(cwd, 'loop.yaml'));
  chmodSync(join(cwd, 'a.yaml'), 0);
  mkdirSync(join(cwd, 'lab/topologies/folder.yaml'), { recursive: true });
  writeFileSync(join(cwd, 'b.yaml'), 'topology: folder');
  const { scenarios, diagnostics, lookup } = await loadScenarios(['a.yaml', 'b.yaml', 'loop.yaml'], { cwd });
  t.strictSame(diagnostics, []);
  t.match(scenarios[2]?.file.diagnostics, [{ code: 'unreadable-file', message: /go in a circle/ }]);
  if (process.getuid?.() !== 0) t.match(scenarios[0]!.file.diagnostics, [{ code: 'unreadable-file' }]);
  const folder = lookup(join(cwd, 'b.yaml'), { kind: 'topology', name: 'folder' });
  t.match(folder, { tree: null, diagnostics: [{ code: 'unreadable-file', message: /folder/ }] });
});

t.test('a byte order mark and CRLF do no harm', async (t) => {
  const file = await loadText(t, '\uFEFFtitle: x\r\nscript: |\r\n  ip rule\r\n  ip route\r\n');
  t.strictSame(toPlain(file.tree!), { title: 'x', script: 'ip rule\nip route\n' });
  t.match(placeOf(markAt(file.tree!, ['script'], true)), {
    line: 2,
    column: 1,
    frame: />\s2 \| script: \|\n/,
  });
});

t.test('numbers that are not plain decimal stay as they were written', async (t) => {
  const file = await loadText(
    t,
    '[0777, 0x10, 1.10, 1e3, 15, -1, 0.5, true, null, ~, 02:00:00:00:00:01, yes, 123456789012345678901]',
  );
  const expected = ['0777', '0x10', '1.10', '1e3', 15, -1, 0.5, true, null, null, '02:00:00:00:00:01', 'yes'];
  t.strictSame(toPlain(file.tree!), [...expected, '123456789012345678901']);
});

t.test('an alias is its anchor, with the place of the anchor', async (t) => {
  const file = await loadText(t, 'a: &x { b: 1 }\nc: *x\n');
  t.strictSame(toPlain(file.tree!), { a: { b: 1 }, c: { b: 1 } });
  t.equal(placeOf(markAt(file.tree!, ['c', 'b'])).line, 1);
  t.equal(get(get(file.tree, 'c'), 'nothing'), null);
});

t.test('references: lab beside scenarios first, then the given folders, paths from the file', async (t) => {
  const cwd = project(t, {
    'p/scenarios/a.yaml':
      'topology: one\nsteps: [{ apply: [{ policy: own }, { policy: ./local.yaml }, { policy: none }] }]',
    'p/scenarios/local.yaml': 'shell: "true"',
    'p/lab/topologies/one.yaml': 'extends: two',
    'lab/topologies/one.yaml': 'title: the other one',
    'lab/topologies/two.yaml': 'nodes: { x: { policy: [{ policy: own }] } }',
    'lab/policies/own.yaml': 'items: [{ policy: deeper }]',
    'lab/policies/deeper.yaml': 'shell: "true"',
  });
  const { lookup, names } = await loadScenarios(['p/scenarios/a.yaml'], { cwd });
  const found = (from: string, kind: 'topology' | 'policy', name: string) =>
    lookup(join(cwd, from), { kind, name })?.file ?? null;
  t.equal(found('p/scenarios/a.yaml', 'topology', 'one'), 'p/lab/topologies/one.yaml');
  t.equal(found('p/lab/topologies/one.yaml', 'topology', 'two'), 'lab/topologies/two.yaml');
  t.equal(found('lab/topologies/two.yaml', 'policy', 'own'), 'lab/policies/own.yaml');
  t.equal(found('p/scenarios/a.yaml', 'policy', './local.yaml'), 'p/scenarios/local.yaml');
  t.equal(found('lab/policies/own.yaml', 'policy', 'deeper'), 'lab/policies/deeper.yaml');
  t.equal(found('p/scenarios/a.yaml', 'policy', 'nowhere'), null);
  t.strictSame(names, { topology: ['one', 'two'], policy: ['deeper', 'own'] });
});

t.test('a path with a line names the file at that line', async (t) => {
  const cwd = project(t, { 'a.yaml': 'title: a\nsteps: []\n', 'b.yaml:1': 'title: b', 'c.yaml': '[' });
  const load = async (...paths: string[]) => {
    const { scenarios, diagnostics } = await loadScenarios(paths, { cwd });
    return {
      found: scenarios.map(({ id, lines }) => [id, lines]),
      faults: diagnostics.map(({ code, place }) => [code, place.file]),
    };
  };
  t.strictSame(await load('a.yaml:2'), { found: [['a', [2]]], faults: [] });
  t.strictSame(await load('a.yaml:2:7', 'a.yaml:1'), { found: [['a', [2, 1]]], faults: [] });
  t.strictSame(await load('a.yaml', 'a.yaml:1'), { found: [['a', null]], faults: [] }, 'the whole has it');
  t.strictSame(await load('a.yaml:1', '*.yaml'), {
    found: [
      ['a', null],
      ['c', null],
    ],
    faults: [],
  });
  t.strictSame(
    await load('b.yaml:1'),
    { found: [['b.yaml:1', null]], faults: [] },
    'a file that is called so',
  );
  t.strictSame(await load('c.yaml:9'), { found: [['c', [9]]], faults: [] }, 'nobody knows its lines');
  t.strictSame(await load('a.yaml:3', 'a.yaml:2'), {
    found: [['a', [2]]],
    faults: [['no-such-line', 'a.yaml:3']],
  });
  t.strictSame(await load('a.yaml:3'), { found: [], faults: [['no-such-line', 'a.yaml:3']] });
  t.strictSame(await load('a.yaml:0', 'none.yaml:3'), {
    found: [],
    faults: [
      ['no-such-file', 'a.yaml:0'],
      ['no-such-file', 'none.yaml:3'],
    ],
  });
});
