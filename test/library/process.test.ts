import { readdirSync } from 'node:fs';
import t from 'tap';
import { execute } from '../netns/command.js';

const LIBRARY = new URL('../../src/index.js', import.meta.url).href;

/** Without what tap loads into every process, which listens already. */
const NODE = ['env', '-u', 'NODE_OPTIONS', process.execPath, '--input-type=module', '-e'] as const;

/** Uses the library, and asserts that it did nothing to the process. */
const WATCHED = `
import assert from 'node:assert';
const added = [];
for (const name of ['on', 'addListener', 'once', 'prependListener', 'prependOnceListener']) {
  const original = process[name];
  process[name] = function (event, ...rest) { added.push(event); return original.call(this, event, ...rest); };
}
const { emit, reallyExit, exit } = process;
const { openLab, run } = await import(${JSON.stringify(LIBRARY)});
const lab = await openLab({ topology: 'dual-isp' });
await lab.apply('server', { policy: 'split-access' });
await lab.probe({ from: 'client', to: 'server:eth1', family: 4, probe: 'ping' });
const running = run('a.yaml');
for await (const event of running) void event;
await lab.close();
assert.strictEqual((await running).report.summary.failed, 1);
for await (const event of run('a.yaml')) break;
await run('none.yaml');
assert.deepStrictEqual(added, []);
assert.deepStrictEqual([process.emit, process.reallyExit, process.exit], [emit, reallyExit, exit]);
assert.strictEqual(process.exitCode, undefined);
`;

const SCENARIO = `
title: fails
topology: dual-isp
steps:
  - flows: [{ from: client, to: "server:eth0", family: 4, probe: ping, expect: asymmetric }]
`;

t.test(
  'the process stays its own: no listeners, no output, no files, no exit code, and it ends by itself',
  async (t) => {
    const cwd = t.testdir({ 'a.yaml': SCENARIO });
    const script = `process.chdir(${JSON.stringify(cwd)});\n${WATCHED}`;
    const ended = await execute([...NODE, script]);
    t.strictSame(ended, { code: 0, signal: null, stdout: '', stderr: '' });
    t.strictSame(readdirSync(cwd), ['a.yaml']);
  },
);

t.test('a process that ends without closing its labs takes them with it', async (t) => {
  const script = `
    const { openLab } = await import(${JSON.stringify(LIBRARY)});
    const lab = await openLab({ topology: 'dual-isp' });
    const { readFileSync } = await import('node:fs');
    const child = readFileSync('/proc/self/task/' + process.pid + '/children', 'utf8').trim();
    console.log(child);
    process.exit(3);`;
  const { code, stdout, stderr } = await execute([...NODE, script]);
  t.strictSame([code, stderr], [3, '']);
  const pid = Number(stdout);
  t.ok(pid > 1);
  const isGone = () => {
    try {
      process.kill(pid, 0);
      return false;
    } catch {
      return true;
    }
  };
  for (let tries = 0; tries < 100 && !isGone(); tries++)
    await new Promise((resolve) => setTimeout(resolve, 50));
  t.ok(isGone());
});
