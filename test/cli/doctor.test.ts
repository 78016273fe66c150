import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { readScenarios } from '../../src/cli/read-scenarios.js';
import type { MachineCheck, MachineReport } from '../../src/model/machine.js';
import { machineText } from '../../src/report/machine.js';
import { machineReport } from '../../src/run/suite.js';

const MAIN = fileURLToPath(new URL('../../src/cli/main.js', import.meta.url));

const OPEN = `title: Nothing but ping
topology: dual-isp
steps:
  - flows:
      - { from: client, to: server:eth0, probe: ping, expect: symmetric }
`;
const FILTERED = OPEN.replace('steps:', 'matrix: { isp: [open, stateful] }\nsteps:');
const ASKING = OPEN.replace('steps:', 'requires: [wireguard]\nsteps:');

function doctor(cwd: string, ...args: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [MAIN, 'doctor', ...args], {
    cwd,
    encoding: 'utf8',
  });
  return { code: status, stdout, stderr };
}

function check(name: string, status: MachineCheck['status'], detail = 'works', remedy: string | null = null) {
  return { name, group: 'kernel', required: false, status, detail, remedy } as const;
}

/** What doctor makes of these checks for these files. */
async function reportOf(cwd: string, checks: readonly MachineCheck[]): Promise<MachineReport> {
  const { scenarios, diagnostics } = await readScenarios(['scenarios'], cwd);
  return machineReport(
    checks,
    {
      paths: ['scenarios'],
      scenarios,
      faults: diagnostics.length,
      command: 'replypath run',
      rootless: false,
    },
    [],
  );
}

t.test('this machine, and what of a folder it can run', async (t) => {
  const cwd = t.testdir({ scenarios: { 'open.yaml': OPEN, 'filtered.yaml': FILTERED } });
  const json = doctor(cwd, '--json');
  const report: MachineReport = JSON.parse(json.stdout);
  t.match(report, { version: 1, suite: { paths: ['scenarios'], scenarios: 3, faults: 0 } });
  t.equal(report.ready, !report.checks.some(({ status }) => status === 'missing'));
  t.match(json, { code: report.ready ? 0 : 4, stderr: '' });

  const verbose = doctor(cwd, '--verbose');
  t.equal(verbose.code, json.code);
  for (const { name, status } of report.checks)
    t.match(verbose.stdout, new RegExp(`^${status} +${name} `, 'm'), name);
  const text = doctor(cwd).stdout;
  t.match(text, new RegExp(`${report.suite.runnable} of 3 scenarios can run here`));
  t.equal(
    text.trimEnd().split('\n').at(-1),
    `${report.ready ? 'Ready. Next' : 'Not ready. First'}: ${report.next}`,
  );
});

t.test('paths: only what is named, and without scenarios of one’s own those of the package', async (t) => {
  const cwd = t.testdir({ scenarios: { 'open.yaml': OPEN, 'broken.yaml': 'title: 1\n' }, elsewhere: {} });
  const one: MachineReport = JSON.parse(doctor(cwd, 'scenarios/open.yaml', '--json').stdout);
  t.match(one, { suite: { scenarios: 1, faults: 0 }, next: 'replypath run scenarios/open.yaml' });
  const all: MachineReport = JSON.parse(doctor(cwd, '--json').stdout);
  t.match(all.suite, { scenarios: 1 });
  t.ok(all.suite.faults > 0, 'an invalid file is no reason to say nothing of the others');
  t.match(doctor(cwd).stdout, /limited +suite .*\n +· \d+ faults? in files: replypath validate\n/);
  const none: MachineReport = JSON.parse(doctor(`${cwd}/elsewhere`, '--json').stdout);
  t.ok(none.suite.scenarios > 50, 'the package has its own');
  t.equal(none.next, 'replypath init');
  t.match(doctor(cwd, 'nowhere'), { code: 2, stdout: '', stderr: /no such file or folder: nowhere/ });
});

t.test('what is missing, and what cannot run for it', async (t) => {
  const cwd = t.testdir({
    scenarios: { 'open.yaml': OPEN, 'filtered.yaml': FILTERED, 'asking.yaml': ASKING },
  });
  const report = await reportOf(cwd, [
    check('nftables', 'limited', 'nft is not installed', 'sudo apt-get install nftables'),
    check('wireguard', 'limited', 'Error: Unknown device type.'),
    check('tun', 'ok'),
  ]);
  t.match(report, { ready: true, next: 'replypath run' });
  t.strictSame(report.suite, {
    paths: ['scenarios'],
    scenarios: 4,
    runnable: 2,
    faults: 0,
    lacking: [
      { feature: 'wireguard', complaint: 'Error: Unknown device type.', scenarios: ['asking'] },
      { feature: 'nftables', complaint: 'nft is not installed', scenarios: ['filtered [isp=stateful]'] },
    ],
  });
  const wide = { colours: false, columns: Number.POSITIVE_INFINITY };
  const text = machineText(report, wide, false);
  t.equal(
    text,
    `ok       kernel features  tun
limited  not here         nftables, wireguard
                          → --verbose says why, and what to do
limited  suite            2 of 4 scenarios can run here (scenarios)
                          · 1 needs wireguard: Error: Unknown device type.
                          · 1 needs nftables: nft is not installed

Ready. Next: replypath run
`,
  );
  const verbose = machineText(report, wide, true);
  t.match(verbose, /limited +nftables +nft is not installed\n +→ sudo apt-get install nftables\n/);
  t.match(verbose, /needs nftables.*\n +filtered \[isp=stateful\]\n/);
});

t.test('not ready: the first thing to do is the last line', async (t) => {
  const cwd = t.testdir({ scenarios: { 'open.yaml': OPEN } });
  const remedy = 'sudo apt-get install iproute2';
  const report = await reportOf(cwd, [
    { ...check('ip', 'missing', 'not installed', remedy), group: 'tools', required: true },
    { ...check('veth', 'missing', 'Error: Unknown device type.'), required: true },
  ]);
  t.match(report, { ready: false, next: remedy, suite: { scenarios: 1, runnable: 0 } });
  const text = machineText(report, { colours: false, columns: 60 }, false);
  t.match(text, /^missing +veth +Error: Unknown device type\.$/m, 'what is required is always shown');
  t.match(text, `\n\nNot ready. First: ${remedy}\n`);
  for (const line of text.split('\n')) t.ok([...line].length <= 60, line);
});
