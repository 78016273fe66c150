import { rmSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { readRunFolder } from '../../src/load/run-folder.js';
import * as events from '../report/events.js';

const RUN = events.eventsOf([events.passed, events.failed]);
const LINES = RUN.map((event) => `${JSON.stringify(event)}\n`);

/** What is said of a folder `run` with this run.jsonl. */
function read(t: Test, text: string | Buffer) {
  return readRunFolder('run', t.testdir({ run: { 'run.jsonl': text } }));
}

t.test('the events of a run', async (t) => {
  t.strictSame(await read(t, LINES.join('')), { folder: 'run', events: JSON.parse(JSON.stringify(RUN)) });
});

t.test('a run that was killed: what is there, without a line that was cut off', async (t) => {
  const all = LINES.join('');
  const cut = LINES.slice(0, 4).join('');
  for (const length of [cut.length, cut.length + 1, cut.length + 200, all.length - 2]) {
    const run = await read(t, all.slice(0, length));
    t.equal('events' in run && run.events.length, length === all.length - 2 ? 5 : 4, `${length} characters`);
  }
  const run = await read(t, all.slice(0, -1));
  t.equal('events' in run && run.events.length, RUN.length, 'only the line break is missing');
  const inside = Buffer.from(cut + LINES[4]?.slice(0, LINES[4].indexOf('→')));
  t.ok(
    'events' in (await read(t, Buffer.concat([inside, Buffer.from('→').subarray(0, 1)]))),
    'in a character',
  );
});

t.test('a folder from another machine: captures are where they are now', async (t) => {
  const moved = events.eventsOf([
    { ...events.failed, name: 'a/b', artifacts: '/nowhere/on/this/machine/a/b' },
  ]);
  const lines = moved.map((event) => `${JSON.stringify(event)}\n`).join('');
  const artifacts = async (cwd: string) => {
    const run = await readRunFolder('run', cwd);
    const results =
      'events' in run ? run.events.flatMap((event) => ('result' in event ? event.result : [])) : [];
    return results.map((result) => result.artifacts);
  };
  const cwd = t.testdir({ run: { 'run.jsonl': lines, a: { b: {} } } });
  t.strictSame(await artifacts(cwd), [join(cwd, 'run/a/b')]);
  rmSync(join(cwd, 'run/a'), { recursive: true });
  t.strictSame(await artifacts(cwd), ['/nowhere/on/this/machine/a/b'], 'or where they were, if they are not');
});

t.test('keys that a later version adds are no fault', async (t) => {
  const more = JSON.stringify({ ...RUN[2], more: 1 }).replace('"id":', '"other":{"x":1},"id":');
  const run = await read(t, [LINES[0], LINES[1], `${more}\n`].join(''));
  t.equal('events' in run && run.events.length, 3);
});

t.test('what is not a run says so, and what to do', async (t) => {
  const [start = '', , ended = ''] = LINES;
  const table: readonly (readonly [text: string, message: string, hint: string])[] = [
    ['', 'run/run.jsonl holds no event: the run was ended before it began', 'Run it again.'],
    ['{"type":"run-st', 'run/run.jsonl holds no event: the run was ended before it began', 'Run it again.'],
    [`${start}nonsense\n`, 'run/run.jsonl, line 2: this is no JSON', 'The file is damaged'],
    [`${start}\u0000\n${ended}`, 'run/run.jsonl, line 2: this is no JSON', 'The file is damaged'],
    [ended, 'run/run.jsonl, line 1: the events do not begin with run-started', 'The file is damaged'],
    [start + ended + start, 'run/run.jsonl, line 3: another run begins here', '--merge'],
    [`${start}null\n`, 'run/run.jsonl, line 2: this is no event of a run: Invalid input', 'another version'],
    [
      start + ended.replace('"durationMs":62', '"durationMs":"62"'),
      'run/run.jsonl, line 2: this is no event of a run: result.durationMs: Invalid input: expected number',
      'another version',
    ],
    [
      start.replace('"version":1', '"version":2'),
      'run/run.jsonl, line 1: the report is of version 2, and this replypath reads version 1',
      'with the version of replypath that ran it',
    ],
  ];
  for (const [text, message, hint] of table) {
    const fault = await read(t, text);
    t.ok('message' in fault && fault.message.startsWith(message), message, { found: fault });
    t.ok('hint' in fault && fault.hint.includes(hint), hint, { found: fault });
  }
});

t.test('folders that are none of a run', async (t) => {
  const shards = { a: { 'run.jsonl': '' }, b: { 'run.jsonl': '' }, c: {} };
  const cwd = t.testdir({ 'a-file': '', empty: {}, shards, folder: { 'run.jsonl': {} } });
  t.match(await readRunFolder('none', cwd), {
    message: 'there is no folder none',
    hint: 'Name the one that replypath run --output named.',
  });
  t.match(await readRunFolder('a-file', cwd), { message: 'a-file is no folder' });
  t.match(await readRunFolder('empty', cwd), {
    message: 'empty is not the folder of a run: it has no run.jsonl',
    hint: 'Name the one that replypath run --output named.',
  });
  t.match(await readRunFolder('shards', cwd), {
    hint: 'Did you mean shards/a or shards/b? Several are joined by --merge.',
  });
  t.match(await readRunFolder('folder', cwd), { message: /^cannot read folder\/run.jsonl: EISDIR/ });
});
