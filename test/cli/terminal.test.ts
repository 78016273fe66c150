import { spawnSync } from 'node:child_process';
import { EventEmitter } from 'node:events';
import t from 'tap';
import { terminalOf } from '../../src/cli/terminal.js';

const TERMINAL = { isTTY: true, columns: 100, rows: 30 };
const FILE = {};

t.test('colours', async (t) => {
  const table: readonly (readonly [env: NodeJS.ProcessEnv, terminal: boolean, file: boolean])[] = [
    [{}, true, false],
    [{ TERM: 'xterm-256color' }, true, false],
    [{ TERM: 'dumb' }, false, false],
    [{ CI: 'true' }, true, false],
    [{ NO_COLOR: '1' }, false, false],
    [{ NO_COLOR: '' }, true, false],
    [{ FORCE_COLOR: '1' }, true, true],
    [{ FORCE_COLOR: '' }, true, false],
    [{ FORCE_COLOR: '0' }, false, false],
    [{ FORCE_COLOR: 'false' }, false, false],
    [{ FORCE_COLOR: '1', TERM: 'dumb' }, true, true],
    [{ FORCE_COLOR: '1', NO_COLOR: '1' }, false, false],
    [{ FORCE_COLOR: '1', CI: 'true' }, true, true],
  ];
  for (const [env, terminal, file] of table) {
    t.equal(terminalOf(TERMINAL, env).colours, terminal, `a terminal with ${JSON.stringify(env)}`);
    t.equal(terminalOf(FILE, env).colours, file, `a file with ${JSON.stringify(env)}`);
  }
});

t.test('drawing in place', async (t) => {
  const table: readonly (readonly [env: NodeJS.ProcessEnv, draws: boolean])[] = [
    [{}, true],
    [{ NO_COLOR: '1' }, true],
    [{ FORCE_COLOR: '1' }, true],
    [{ TERM: 'dumb' }, false],
    [{ CI: 'true' }, false],
    [{ CI: '1' }, false],
    [{ CI: 'false' }, true],
    [{ CI: '' }, true],
  ];
  for (const [env, draws] of table) {
    t.equal(terminalOf(TERMINAL, env).live !== null, draws, JSON.stringify(env));
    t.equal(terminalOf(FILE, env).live, null);
  }
});

t.test('size', async (t) => {
  t.equal(terminalOf(TERMINAL, {}).columns, 100);
  t.equal(terminalOf(FILE, {}).columns, Number.POSITIVE_INFINITY);
  t.strictSame(terminalOf(TERMINAL, {}).live?.size(), { columns: 100, rows: 30 });
  const silent = terminalOf({ isTTY: true, columns: 0, rows: 0 }, {});
  t.equal(silent.columns, Number.POSITIVE_INFINITY);
  t.strictSame(silent.live?.size(), { columns: 80, rows: 24 });
});

t.test(
  'who draws is told of frames and of another size until it ends, and keeps no process alive',
  async (t) => {
    const stream = Object.assign(new EventEmitter(), { isTTY: true, columns: 100, rows: 30 });
    const { live } = terminalOf(stream, {});
    let frames = 0;
    const stop = live?.follow({
      draw: () => {
        frames += 1;
      },
      erase: () => {},
    });
    await new Promise((resolve) => setTimeout(resolve, 350));
    t.ok(frames >= 1 && frames <= 4, `${frames} frames in 350 ms`);
    stream.columns = 20;
    const before = frames;
    stream.emit('resize');
    t.equal(frames, before + 1);
    t.equal(live?.size().columns, 20);
    stop?.();
    const last = frames;
    stream.emit('resize');
    await new Promise((resolve) => setTimeout(resolve, 150));
    t.equal(frames, last);
    t.equal(stream.listenerCount('resize'), 0);
  },
);

t.test('a message, and the end of the process, erase what is drawn', async (t) => {
  const modules = ['terminal', 'streams'].map(
    (name) => new URL(`../../src/cli/${name}.js`, import.meta.url).href,
  );
  const script = `
    const { terminalOf } = await import('${modules[0]}');
    const { tell } = await import('${modules[1]}');
    const write = (text) => process.stderr.write(text);
    const { live } = terminalOf({ isTTY: true, columns: 80, rows: 24 }, {});
    live.follow({ draw: () => {}, erase: () => write('<erased>') });
    tell('hello');
    if (process.argv[1] === 'exit') process.exit(3);`;
  for (const [how, status] of [
    ['exit', 3],
    ['idle', 0],
  ] as const) {
    const ended = spawnSync(process.execPath, ['--input-type=module', '-e', script, how], {
      encoding: 'utf8',
      timeout: 20_000,
    });
    t.match(ended, { status, stderr: '<erased>replypath: hello\n<erased>' }, how);
  }
});
