import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { Screen } from '../report/screen.js';

const MAIN = fileURLToPath(new URL('../../src/cli/main.js', import.meta.url));

/** Its recipe outlives every patience. */
const SLOW = `title: A recipe that takes its time
topology: dual-isp
steps:
  - title: sleep
    apply: { node: server, shell: sleep 60, timeout: 60s }
    flows:
      - { from: client, to: server:eth0, probe: ping, expect: symmetric }
`;

/** Runs the command on a terminal of its own, by script(1), and presses Ctrl-C when `cue` is on the screen. */
async function interrupted(cwd: string, env: NodeJS.ProcessEnv, cue: RegExp) {
  const command = `stty cols 40 rows 10; exec '${process.execPath}' '${MAIN}' run slow.yaml`;
  const { CI: _, NO_COLOR: __, FORCE_COLOR: ___, ...inherited } = process.env;
  const child = spawn('script', ['-qec', command, '/dev/null'], {
    cwd,
    env: { ...inherited, TERM: 'xterm', ...env },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const closed = once(child, 'close');
  const screen = new Screen(40, 10);
  let text = '';
  let pressed = false;
  child.stdout.setEncoding('utf8').on('data', (more: string) => {
    text += more;
    if (pressed || !cue.test(text)) return;
    pressed = true;
    child.stdin.write('\u0003');
  });
  const patience = setTimeout(() => child.kill(), 60_000);
  const [code] = await closed;
  clearTimeout(patience);
  screen.write(text.replaceAll('\r\n', '\n'));
  return { code, text, screen };
}

t.test('Ctrl-C while progress is drawn: the region goes, the report stays', async (t) => {
  const { code, text, screen } = await interrupted(t.testdir({ 'slow.yaml': SLOW }), {}, /0\/1.*slow/s);
  t.equal(code, 130);
  t.match(text, '\u001b[?7h\r\u001b[1A', 'it was drawn');
  t.match(
    screen.text,
    /(?:as|without) root\n\nreplypath: ending the run .*\n(.*\n)*! slow .*\n(.*\n)*\n1 scenario: 1 errored in [\d.]+ m?s$/,
  );
  t.notMatch(screen.text, /0\/1|─/);
  t.match(screen.cursor, { column: 0, wraps: true });
});

t.test('CI and TERM=dumb: no line is drawn twice', async (t) => {
  for (const env of [{ CI: 'true', NO_COLOR: '1' }, { TERM: 'dumb' }]) {
    const { code, text } = await interrupted(t.testdir({ 'slow.yaml': SLOW }), env, /root/);
    t.equal(code, 130);
    t.notMatch(text, '\u001b');
    t.match(text, /1 scenario: 1 errored in/);
  }
});
