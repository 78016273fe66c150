import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { Parser, type Result } from 'tap-parser';
import type { RunReport } from '../../src/model/result.js';
import { AS_USER } from '../netns/command.js';
import { parseXml } from '../report/xml.js';
import { type Ended, MAIN, plainEnvironment } from './replypath.js';

t.setTimeout(300_000);

const GOOD = `title: good
topology: { nodes: { a: { interfaces: { eth0: { addresses: [192.0.2.1/24] } } }, b: { interfaces: { eth0: { addresses: [192.0.2.2/24] } } } }, links: [['a:eth0', 'b:eth0']] }
steps: [{ title: s, flows: [{ from: a, to: 'b:eth0', probe: ping, expect: symmetric }] }]
`;

/** Each kind of bad file: its content, or how it is made, and what is said of it. */
const BAD: Readonly<
  Record<string, readonly [content: string | Buffer | ((path: string) => void), said: string]>
> = {
  syntax: ['title: x: y\n', 'a second key: value begins within this value'],
  binary: [Buffer.from([0x7f, 0x45, 0x4c, 0x46, 0, 1]), 'the file is binary: it has a zero byte here'],
  huge: [Buffer.alloc(10_000_000, 'x: 1\n'), 'the file has more than 1000000 bytes'],
  bomb: [
    `a: &a [x, x, x, x, x, x, x, x, x, x]\n${[...'bcdefg'].map((name, i) => `${name}: &${name} [${`*${'abcdef'[i]}, `.repeat(10)}]`).join('\n')}\n`,
    'with what its aliases stand for, the file holds more than',
  ],
  deep: ['['.repeat(10_000), 'values are nested more than 100 deep here'],
  empty: ['', 'the file holds no document'],
  fifo: [(path) => spawnSync('mkfifo', [path]), 'cannot read the file: it is a pipe or a device'],
  dangling: [(path) => symlinkSync('gone', path), 'cannot read the file: there is no such file'],
  circle: [
    (path) => symlinkSync('circle.yaml', path),
    'cannot read the file: its symbolic links go in a circle',
  ],
  secret: [
    (path) => {
      writeFileSync(path, GOOD);
      chmodSync(path, 0);
    },
    'cannot read the file: permission denied',
  ],
};
const FILES = ['good', ...Object.keys(BAD)].map((name) => `${name}.yaml`);

/** Where an ordinary user may write, so that a file can be kept from the reader. */
const folder = mkdtempSync(join(tmpdir(), 'replypath-bad-'));
t.teardown(() => rmSync(folder, { recursive: true }));
chmodSync(folder, 0o777);
writeFileSync(join(folder, 'good.yaml'), GOOD);
for (const [name, [content]] of Object.entries(BAD)) {
  const path = join(folder, `${name}.yaml`);
  if (typeof content === 'function') content(path);
  else writeFileSync(path, content);
}
// Looked into, as any folder is, and no scenario itself.
mkdirSync(join(folder, 'folder.yaml'));

function replypath(...args: readonly string[]): Ended {
  const { status, stdout, stderr } = spawnSync('bash', [AS_USER, process.execPath, MAIN, ...args], {
    cwd: folder,
    encoding: 'utf8',
    env: plainEnvironment(),
  });
  return { code: status, stdout, stderr };
}

/** A line of a stack trace, and what a message has that was never meant for people. */
const TRACE = /^\s+at .*[:(]\d+|node:internal|\bRangeError|\bTypeError|\[object |\bundefined\b/m;

function saysAll(t: Test, text: string, what: string): void {
  for (const [name, [, said]] of Object.entries(BAD)) t.ok(text.includes(said), `${what}: ${name}`);
  t.notMatch(text, TRACE, `${what}: no stack trace`);
}

// A pipe in a folder is no file of it; named, it is refused.
t.test('run reports each bad file, and runs the good one', async (t) => {
  const { code, stdout, stderr } = replypath('run', '.', 'fifo.yaml', '--output', 'results');
  t.equal(code, 3, stderr);
  saysAll(t, stdout, 'list');
  t.match(stdout, /^✓ good/m);
  for (const reporter of ['tap', 'json', 'jsonl', 'junit', 'github'] as const) {
    // What is told of a run's folder is what the run told, and takes no lab.
    const { code, stdout, stderr } = replypath('report', 'results', '--reporter', reporter);
    t.equal(code, 3, `${reporter}: ${stderr}`);
    saysAll(t, unescaped(stdout, reporter), reporter);
  }
  const report: RunReport = JSON.parse(replypath('report', 'results', '--reporter', 'json').stdout);
  t.strictSame(
    Object.fromEntries(report.scenarios.map(({ file, status, reason }) => [file, reason?.code ?? status])),
    Object.fromEntries(FILES.map((file) => [file, file === 'good.yaml' ? 'passed' : 'scenario-invalid'])),
  );
  const points = await tapPoints(replypath('report', 'results', '--reporter', 'tap').stdout);
  t.strictSame(
    points.filter(({ ok }) => ok).map(({ name }) => name),
    ['good'],
  );
  t.equal(points.length, FILES.length);
  const suites = parseXml(replypath('report', 'results', '--reporter', 'junit').stdout);
  t.match(suites.attributes, {
    tests: String(FILES.length),
    failures: '0',
    errors: String(FILES.length - 1),
  });
});

/** The words of a report, without the escapes of its format. */
function unescaped(text: string, reporter: string): string {
  if (reporter !== 'junit') return text;
  const words = ({ attributes, children, text }: ReturnType<typeof parseXml>): string =>
    [...Object.values(attributes), text, ...children.map(words)].join('\n');
  return words(parseXml(text));
}

function tapPoints(text: string): Promise<readonly Result[]> {
  return new Promise((resolve) => {
    const points: Result[] = [];
    const parser = new Parser({ strict: true }, () => resolve(points));
    parser.on('assert', (point: Result) => points.push(point));
    parser.end(text);
  });
}

t.test('validate reports each bad file, and knows the good one', async (t) => {
  const { code, stdout, stderr } = replypath('validate', '.', 'fifo.yaml');
  t.equal(code, 3);
  saysAll(t, stdout + stderr, 'validate');
  t.match(stdout + stderr, /\b1 scenario is valid/);
});

t.test('list names the good one, and says that there are others', async (t) => {
  const { code, stdout, stderr } = replypath('list', '.', 'fifo.yaml');
  t.equal(code, 3);
  t.match(stdout, /^good\b/m);
  t.equal(stderr, 'replypath: not all could be read; replypath validate says why\n');
});

t.test('each file by its own name', async (t) => {
  const { code, stdout, stderr } = replypath('validate', ...FILES, 'folder.yaml');
  t.equal(code, 3);
  saysAll(t, stdout + stderr, 'validate');
  t.match(stdout + stderr, 'no scenario file is found at folder.yaml');
  t.match(replypath('validate', 'good.yaml', 'vanished.yaml'), {
    code: 2,
    stderr: /^error: no such file or folder: vanished\.yaml/,
  });
});
