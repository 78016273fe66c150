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
  'the scenarios of the first guest that dies get another one; a second guest takes its own with it',
  { timeout: 300_000 },
  async (t) => {
    const folder = t.testdir({
      scenarios: {
        'a.yaml': scenario('true'),
        'b.yaml': scenario('sleep 3'),
        'c.yaml': scenario('sleep 3'),
        'd.yaml': scenario('true'),
      },
    });
    const output = join(folder, 'out');
    const list = join(folder, 'list.txt');
    const args = [MAIN, 'run', '--kernel', NAME, '--workers', '1', '--output', output];
    const child = spawn(process.execPath, [...args, '--reporter', `json,list:${list}`], {
      cwd: folder,
      env: plainEnvironment(),
    });
    let stdout = '';
    child.stdout.setEncoding('utf8').on('data', (text) => {
      stdout += text;
    });
    for (const name of ['b', 'c']) {
      while (!begun(output, name)) await new Promise((done) => setTimeout(done, 100));
      for (const pid of guestsOf(output)) process.kill(pid, 'SIGKILL');
    }
    const [code] = await once(child, 'close');
    const report: RunReport = JSON.parse(stdout);
    t.strictSame(
      report.scenarios.map(({ name, status, reason, attempts, flaky }) => {
        return [name, status, reason?.code ?? null, attempts, flaky];
      }),
      [
        ['a', 'passed', null, 1, false],
        ['b', 'passed', null, 2, true],
        ['c', 'errored', 'lab-not-built', 1, false],
        ['d', 'passed', null, 1, false],
      ],
    );
    const death = (file: string) =>
      new RegExp(
        `the virtual machine with 6\\.12\\S+ ended by itself: .*Its console is in .*guests/${file}\\.`,
        's',
      );
    t.match(report.scenarios[1]?.guestDied, death('1.console'));
    t.match(report.scenarios[2]?.reason?.text, death('1-2.console'));
    t.strictSame(
      report.scenarios.map(({ guestDied }) => guestDied !== undefined),
      [false, true, false, false],
    );
    const listed = readFileSync(list, 'utf8');
    t.match(
      listed,
      /b {2}.*\(flaky: passed at attempt 2, retried after the guest died\)\n {2}attempt 1 errored: /,
    );
    t.match(listed.replaceAll(/\n +/g, ' '), death('1.console'), 'what it said is shown');
    t.strictSame(readdirSync(join(output, 'guests')).sort(), ['1-2.console', '1-3.console', '1.console']);
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

/** Whether a scenario was given to the guest, which has carried out those before it. */
function begun(output: string, name: string): boolean {
  const events = contentOf(join(output, 'run.jsonl')).split('\n');
  return events.some((event) => event.includes('"scenario-started"') && event.includes(`"${name}"`));
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
