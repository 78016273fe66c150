import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { dir } from 'tmp-promise';
import { execute, FOLDER, readRun, runCommand, stepOf } from './command.js';

const output = await dir({ unsafeCleanup: true });
t.teardown(() => output.cleanup());
const { scenario } = readRun(await execute(runCommand(output.path, [`${FOLDER}/processes`])));

/** Text, status and message of each command of a step that failed. */
function failures(name: string, title = 'step 1'): readonly (readonly [string, number, string])[] {
  return stepOf(scenario(name), title)
    .commands.filter(({ exit, unexpected }) => unexpected || exit !== 0)
    .map(({ text, exit, message }) => [text, exit, message] as const);
}

async function log(name: string, process = 'x'): Promise<string> {
  return readFile(join(scenario(name).artifacts ?? '', 'left', `${process}.log`), 'utf8');
}

t.test('each way of being ready', async (t) => {
  const { status, reason } = scenario('ready');
  t.match({ status, reason }, { status: 'passed', reason: null });
  const texts = stepOf(scenario('ready'), 'stopped and started anew').commands.map(({ text }) => text);
  t.match(texts, ['stop tcp', 'restart text', /^process tcp: exec perl /]);
});

t.test('stopped and started anew: each time to the end', async (t) => {
  t.match(scenario('again'), { status: 'passed', reason: null });
});

t.test('logs', async (t) => {
  const stamped = (text: string) => text.replace(/^ +\d+\.\d{3} {2}/gm, '').trim();
  t.equal(
    stamped(await log('ready', 'text')),
    [
      "-- started: sleep 0.05; echo 'it is up'; sleep 60",
      'it is up',
      '-- ended by signal 15',
      "-- started: sleep 0.05; echo 'it is up'; sleep 60",
      'it is up',
    ].join('\n'),
  );
  const times = (await log('ready', 'text'))
    .split('\n')
    .flatMap((line) => /^ *(\d+\.\d+) /.exec(line)?.[1] ?? []);
  t.ok(
    times.every((time, i) => i === 0 || Number(time) >= Number(times[i - 1])),
    'in seconds of the lab',
  );
  t.ok(Number(times[1]) - Number(times[0]) >= 0.05);
  t.ok(Number(times.at(-1)) < 60);
  t.equal(
    stamped(await log('early')),
    '-- started: echo cannot open x; exit 3\ncannot open x\n-- ended: exit 3',
  );
  const long = await log('long');
  t.ok(long.length < 2_000_000);
  t.match(long, /0{99}0\n/, 'its begin');
  t.match(long, /0{95}59999\n/, 'its end');
  t.match(long, /-- \d{7} bytes are left out here, of each end 524288 are kept\n/);
});

t.test('not ready in time', async (t) => {
  const cases: readonly (readonly [name: string, said: string])[] = [
    ['never-output', 'not ready after 200 ms: it has not printed completed\nit printed last:\nbegun'],
    ['never-file', 'not ready after 200 ms: there is no /run/x.pid\nit printed nothing'],
    ['never-port', 'not ready after 300 ms: nothing listens on udp/7001\nit printed nothing'],
    ['never-unix', 'not ready after 200 ms: there is no socket /run/x\nit printed nothing'],
    ['never-reaches', 'not ready after 200 ms: 192.0.2.9 does not answer a ping\n'],
    [
      'never-shell',
      'not ready after 200 ms: cat /run/x fails\ncat: /run/x: No such file or directory\nit printed nothing',
    ],
  ];
  for (const [name, said] of cases) {
    const [failure] = failures(name);
    t.match(failure, [/^process x: /, 124, said], name);
    t.ok(failure?.[2].endsWith('\nall that it printed: left/x.log, beside the captures'), name);
    t.match(scenario(name), { status: 'errored', reason: { code: 'recipe-failed' } }, name);
    t.ok(scenario(name).durationMs < 10_000, `${name} ends soon after`);
  }
});

t.test('await', async (t) => {
  t.match(failures('await'), [
    [
      'await file, port, reaches, shell',
      124,
      [
        'not ready after 200 ms: nothing listens on tcp/7001; 192.0.2.9 does not answer a ping; cat /run/absent fails',
        'cat: /run/absent: No such file or directory',
      ].join('\n'),
    ],
  ]);
});

t.test('ended before it was ready', async (t) => {
  const said = 'it ended before it was ready';
  t.match(failures('early'), [
    ['process x: echo cannot open x; exit 3', 3, `${said}\nit printed last:\ncannot open x\n`],
  ]);
  t.match(failures('background'), [
    [
      'process x: sleep 60 &',
      0,
      `${said}; where it put itself into the background, have it stay in the foreground\nit printed nothing`,
    ],
  ]);
  t.match(failures('absent'), [['process x: no-such-program', 127, /no-such-program: command not found/]]);
  for (const name of ['early', 'background', 'absent']) {
    t.match(scenario(name), { status: 'errored', reason: { code: 'recipe-failed' } }, name);
    t.ok(scenario(name).durationMs < 9_000, `${name}: nothing waits for what has ended`);
  }
  t.match(scenario('expected'), { status: 'passed', reason: null });
});

t.test('names', async (t) => {
  t.match(failures('twice'), [
    [
      'process x: sleep 61',
      1,
      'a process x runs in left already: give this one another name, or write `restart: x`',
    ],
  ]);
  t.match(failures('unknown'), [
    ['stop y', 1, 'no process y was started in left: there is x'],
    ['restart z', 1, 'no process z was started in left: there is x'],
  ]);
});

t.test('an end that nobody asked for', async (t) => {
  const end = [
    'process x: sleep 0.1; echo the end; exit 7',
    7,
    /^it ended, and nobody had asked it to\nit printed last:\nthe end\nall that it printed: left\/x\.log/,
  ];
  t.match(failures('unasked'), [end]);
  t.match(scenario('unasked'), {
    status: 'failed',
    reason: { code: 'process-ended', text: /left: process x: .* exit 7$/ },
    steps: [{ flows: [{ status: 'passed' }] }],
  });
  t.match(failures('may-end'), [end]);
  t.match(scenario('may-end'), { status: 'passed', reason: null });
});
