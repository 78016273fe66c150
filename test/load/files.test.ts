import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { readYaml } from '../../src/load/read.js';
import { parseTree } from '../../src/load/yaml.js';

async function faultOf(cwd: string, name: string): Promise<string> {
  const { tree, diagnostics } = await readYaml(join(cwd, name), cwd);
  return tree === null ? diagnostics.map(said).join('\n') : 'read';
}

function said({
  code,
  message,
  hint,
  place,
}: Awaited<ReturnType<typeof readYaml>>['diagnostics'][number]): string {
  return `${place.file}:${place.line}:${place.column} ${code}: ${message} => ${hint}`;
}

t.test('what is no regular file is refused, and not waited for', async (t) => {
  const cwd = t.testdir({ folder: {}, 'file.yaml': 'title: x' });
  t.equal(spawnSync('mkfifo', [join(cwd, 'fifo.yaml')]).status, 0);
  symlinkSync('loop.yaml', join(cwd, 'loop.yaml'));
  symlinkSync('/dev/zero', join(cwd, 'endless.yaml'));
  symlinkSync('gone', join(cwd, 'dangling.yaml'));
  const noFile = 'Name a file: scenarios are not read from elsewhere.';
  const missing = 'there is no such file => Check the path: the file may just have been moved or deleted.';
  for (const [name, expected] of [
    ['fifo.yaml', `it is a pipe or a device => ${noFile}`],
    ['endless.yaml', `it is a pipe or a device => ${noFile}`],
    ['folder', `it is a folder => ${noFile}`],
    ['loop.yaml', 'its symbolic links go in a circle => Point the link at a file.'],
    ['dangling.yaml', missing],
    ['vanished.yaml', missing],
    ['file.yaml/', 'what stands before a / in its path is no folder => Correct the path.'],
    [`${'x'.repeat(300)}.yaml`, 'its name is too long => Rename it.'],
  ] as const) {
    t.equal(
      await faultOf(cwd, name),
      `${name.replace(/\/$/, '')}:1:1 unreadable-file: cannot read the file: ${expected}`,
    );
  }
});

t.test('without permission', { skip: process.getuid?.() === 0 && 'root may read everything' }, async (t) => {
  const cwd = t.testdir({ 'a.yaml': 'title: a' });
  chmodSync(join(cwd, 'a.yaml'), 0);
  t.match(
    await faultOf(cwd, 'a.yaml'),
    'unreadable-file: cannot read the file: permission denied => Give yourself',
  );
});

t.test('huge files', async (t) => {
  const cwd = t.testdir({});
  writeFileSync(join(cwd, 'huge.yaml'), Buffer.alloc(10_000_000, 'x: 1\n'));
  t.match(
    await faultOf(cwd, 'huge.yaml'),
    'huge.yaml:1:1 file-too-large: the file has more than 1000000 bytes',
  );
});

t.test('odd characters in a path', async (t) => {
  const cwd = t.testdir({});
  for (const name of [
    'a b.yaml',
    '$(id).yaml',
    'a\nb.yaml',
    '[x]{y}*.yaml',
    '\'quoted".yaml',
    '\u202e.yaml',
  ]) {
    mkdirSync(join(cwd, 'sub'), { recursive: true });
    writeFileSync(join(cwd, 'sub', name), 'title: x');
    t.equal(await faultOf(cwd, `sub/${name}`), 'read', JSON.stringify(name));
  }
});

/** A text of a megabyte. */
function filled(part: string, before = '', after = ''): string {
  return before + part.repeat(Math.floor((1_000_000 - before.length - after.length) / part.length)) + after;
}

t.test('files of a megabyte that would take minutes', async (t) => {
  const table: readonly (readonly [name: string, text: string, faults: readonly string[]])[] = [
    ['opening brackets', filled('['), ['yaml-syntax']],
    ['closing brackets', filled(']'), ['yaml-syntax', 'yaml-syntax', 'yaml-syntax']],
    ['commas', filled(',', '[').slice(0, 200_000), ['yaml-syntax', 'yaml-syntax', 'yaml-syntax']],
    ['indents', Array.from({ length: 1300 }, (_, i) => `${' '.repeat(i)}a:\n`).join(''), ['yaml-syntax']],
    ['keys', Array.from({ length: 30_000 }, (_, i) => `k${i}: 1\n`).join(''), []],
    ['aliases', filled('- *a\n', '- &a [1, 2, 3]\n').slice(0, 40_000), []],
    ['too many aliases', filled('- *a\n', '- &a [1, 2, 3]\n').slice(0, 100_000), ['yaml-alias']],
    ['the same key', filled('a: 1\n').slice(0, 100_000), ['yaml-syntax']],
    ['entries', filled('- 1\n').slice(0, 450_000), ['file-too-large']],
    ['line ends', filled('\n'), ['file-too-large']],
    ['escapes', filled('\\q', '"', '"'), ['yaml-syntax', 'yaml-syntax', 'yaml-syntax']],
    ['anchors', filled('&a ').slice(0, 300_000), ['yaml-syntax', 'yaml-syntax', 'yaml-syntax']],
  ];
  for (const [name, text, faults] of table) {
    const before = process.cpuUsage();
    const { diagnostics } = parseTree({ file: 'x', path: '/x', text });
    const { user, system } = process.cpuUsage(before);
    t.strictSame(
      diagnostics.map(({ code }) => code),
      faults,
      name,
    );
    // A second on a machine of its own; what is quadratic takes minutes.
    t.ok((user + system) / 1e6 < 10, `${name}: ${Math.round((user + system) / 1000)} ms of processor time`);
  }
});

t.test('an alias means the last anchor before it', async (t: Test) => {
  const { tree } = parseTree({ file: 'x', path: '/x', text: '[&a { b: &b 1 }, &b 2, *a, *b, &a 3, *a]' });
  const values =
    tree?.kind === 'list' ? tree.items.map((item) => (item.kind === 'scalar' ? item.value : item.kind)) : [];
  t.strictSame(values, ['map', 2, 'map', 2, 3, 3]);
});
