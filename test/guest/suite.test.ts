import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { chmod, cp } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { dir } from 'tmp-promise';
import { kernelOf } from '../../src/guest/cache.js';
import type { RunReport } from '../../src/model/result.js';
import { packageFolder } from '../../src/system/package-folder.js';
import { MAIN, plainEnvironment } from '../cli/replypath.js';

const NAME = '6.12';
const FLOW = '      - { from: client, to: server:eth0, probe: ping, expect: symmetric }\n';

/** A scenario whose server runs a shell line first. */
const scenario = (shell: string) => `title: The machine of this lab does something
topology: dual-isp
family: 4
steps:
  - apply: { node: server, shell: ${JSON.stringify(shell)} }
    flows:
${FLOW}`;

t.test(
  'a guest that ends in the middle takes only its scenarios with it',
  { timeout: 300_000 },
  async (t) => {
    const folder = t.testdir({
      scenarios: { 'a.yaml': scenario('true'), 'b.yaml': scenario('sleep 100'), 'c.yaml': scenario('true') },
    });
    const output = join(folder, 'out');
    const args = [MAIN, 'run', '--kernel', NAME, '--workers', '1', '--output', output, '--reporter', 'json'];
    const child = spawn(process.execPath, args, { cwd: folder, env: plainEnvironment() });
    let stdout = '';
    child.stdout.setEncoding('utf8').on('data', (text) => {
      stdout += text;
    });
    while (!begun(output)) await new Promise((done) => setTimeout(done, 100));
    for (const pid of guestsOf(output)) process.kill(pid, 'SIGKILL');
    const [code] = await once(child, 'close');
    const report: RunReport = JSON.parse(stdout);
    t.strictSame(
      report.scenarios.map(({ name, status, reason }) => [name, status, reason?.code ?? null]),
      [
        ['a', 'passed', null],
        ['b', 'errored', 'lab-not-built'],
        ['c', 'passed', null],
      ],
    );
    t.match(
      report.scenarios[1]?.reason?.text,
      /the virtual machine with 6\.12\S+ ended by itself: .*Its console is in .*1\.console/,
    );
    t.equal(code, 4);
    t.strictSame(guestsOf(output), []);
  },
);

t.test('an ordinary user has it too', { timeout: 300_000 }, async (t) => {
  // Others may not look into the home of who fetched it.
  const cache = await dir({ unsafeCleanup: true });
  t.teardown(cache.cleanup);
  const kernels = join(cache.path, 'replypath/kernels');
  const { image, release } = await kernelOf(NAME);
  await cp(join(image, '..'), join(kernels, release), { recursive: true });
  await chmod(cache.path, 0o755);
  const script = `
    export XDG_CACHE_HOME="$1"
    cp -r "$2" "$HOME/project" && cd "$HOME/project" && "$3" "$4" run --kernel ${NAME} --reporter json scenarios/dummy.yaml >report.json; code=$?
    find replypath-results ! -user "$(id -un)" >foreign; find replypath-results -name 'capture.pcapng' | wc -l >captures
    printf '%s\\n' "$code" "$(cat foreign)" "$(cat captures)" "$(id -u)"; cat report.json`;
  const project = join(packageFolder(), 'test/guest/project');
  const { stdout, stderr } = spawnSync(
    join(packageFolder(), 'test/as-user'),
    ['sh', '-c', script, 'sh', cache.path, project, process.execPath, MAIN],
    { encoding: 'utf8', env: plainEnvironment() },
  );
  const [code, foreign, captures, user, ...report] = stdout.split('\n');
  t.equal(code, '0', stderr);
  t.equal(foreign, '', 'its files are its own');
  t.ok(Number(captures) > 0);
  t.not(user, '0');
  const { environment, scenarios }: RunReport = JSON.parse(report.join('\n'));
  t.match(environment.kernel, /^6\.12\./);
  t.equal(scenarios[0]?.status, 'passed');
});

/** Whether the second scenario was given to the guest, which has carried out the first. */
function begun(output: string): boolean {
  const events = contentOf(join(output, 'run.jsonl')).split('\n');
  return events.some((event) => /"scenario-started".*"b"/.test(event));
}

/** Processes whose command line names qemu and a folder. */
function guestsOf(output: string): readonly number[] {
  return readdirSync('/proc')
    .filter((pid) => /^\d+$/.test(pid))
    .filter((pid) => {
      const words = contentOf(`/proc/${pid}/cmdline`);
      return words.startsWith('qemu') && words.includes(output);
    })
    .map(Number);
}

function contentOf(file: string): string {
  try {
    return readFileSync(file, 'latin1');
  } catch {
    return '';
  }
}
