import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { readScenarios } from '../../src/cli/read-scenarios.js';
import { missingPrograms } from '../../src/guest/qemu.js';
import type { MachineCheck, MachineReport } from '../../src/model/machine.js';
import { machineText } from '../../src/report/machine.js';
import { machineReport, type TriedKernel } from '../../src/run/suite.js';

const MAIN = fileURLToPath(new URL('../../src/cli/main.js', import.meta.url));

const OPEN = `title: Nothing but ping
topology: dual-isp
steps:
  - flows:
      - { from: client, to: server:eth0, probe: ping, expect: symmetric }
`;
const FILTERED = OPEN.replace('steps:', 'matrix: { isp: [open, stateful] }\nsteps:');
const ASKING = OPEN.replace('steps:', 'requires: [wireguard]\nsteps:');

/** With the kernels that are in the folder's own cache. */
function doctor(cwd: string, ...args: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [MAIN, 'doctor', ...args], {
    cwd,
    encoding: 'utf8',
    env: { ...process.env, XDG_CACHE_HOME: join(cwd, 'cache') },
  });
  return { code: status, stdout, stderr };
}

function check(name: string, status: MachineCheck['status'], detail = 'works', remedy: string | null = null) {
  return { name, group: 'kernel', required: false, status, detail, remedy } as const;
}

/** What doctor makes of these checks for these files. */
async function reportOf(
  cwd: string,
  checks: readonly MachineCheck[],
  kernels: readonly TriedKernel[] = [],
  rootless = false,
): Promise<MachineReport> {
  const { scenarios, diagnostics } = await readScenarios(['scenarios'], cwd);
  const suite = { paths: ['scenarios'], scenarios, faults: diagnostics.length, rootless };
  return machineReport(checks, { ...suite, command: 'replypath run' }, kernels);
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

t.test('root and tools', async (t) => {
  const text = OPEN.replace(
    'steps:',
    'requires: [root, { tool: wg }, { tool: nft, version: ">=1.0.6" }]\nsteps:',
  );
  const cwd = t.testdir({ scenarios: { 'asking.yaml': text } });
  const old = {
    ...check('nft>=1.0.6', 'limited', 'nft is 1.0.4, older than 1.0.6'),
    group: 'tools',
  } as const;
  const wg = { ...check('wg', 'ok', '/usr/bin/wg'), group: 'tools' } as const;
  const features = [{ name: 'vlan', complaint: null }];
  const kernel: TriedKernel = { release: '6.12.9-amd64', complaint: null, features };
  const report = await reportOf(cwd, [old, wg], [kernel], true);
  const nft = { feature: 'nft>=1.0.6', complaint: 'nft is 1.0.4, older than 1.0.6', scenarios: ['asking'] };
  t.strictSame(report.suite.lacking, [
    { feature: 'root', complaint: 'this is an ordinary user', scenarios: ['asking'] },
    nft,
  ]);
  t.strictSame(report.kernels, [{ ...kernel, runnable: 0, lacking: [nft] }], 'in a guest one is root');
  t.equal(report.next, 'replypath run', 'a guest is no help');
});

t.test('kernels of the cache', async (t) => {
  const cwd = t.testdir({ scenarios: { 'open.yaml': OPEN, 'asking.yaml': ASKING } });
  const works = ['veth', 'vlan', 'wireguard'].map((name) => ({ name, complaint: null }));
  const without = works.map((each) =>
    each.name === 'wireguard' ? { ...each, complaint: 'Error: Unknown device type.' } : each,
  );
  const unfit = works.map((each) => (each.name === 'veth' ? { ...each, complaint: 'Refused.' } : each));
  const checks = [
    check('wireguard', 'limited', 'Error: Unknown device type.'),
    { ...check('virtual machines', 'ok', 'with hardware acceleration (kvm)'), group: 'guests' } as const,
  ];
  const report = await reportOf(cwd, checks, [
    { release: '6.12.9-amd64', complaint: null, features: works },
    { release: '6.1.8-amd64', complaint: null, features: without },
    { release: '6.1.7-amd64', complaint: null, features: unfit },
    {
      release: '5.10.7-amd64',
      complaint: 'the virtual machine with 5.10.7-amd64 ended by itself',
      features: [],
    },
  ]);
  t.strictSame(
    report.kernels.map(({ release, runnable, lacking }) => [release, runnable, lacking.length]),
    [
      ['6.12.9-amd64', 2, 0],
      ['6.1.8-amd64', 1, 1],
      ['6.1.7-amd64', 0, 0],
      ['5.10.7-amd64', 0, 0],
    ],
  );
  t.match(report, { ready: true, next: 'replypath run --kernel auto', suite: { runnable: 1 } });
  const wide = { colours: false, columns: Number.POSITIVE_INFINITY };
  t.equal(
    machineText(report, wide, false),
    `limited  not here          wireguard
                           → --verbose says why, and what to do
limited  suite             1 of 2 scenarios can run here (scenarios)
                           · 1 needs wireguard: Error: Unknown device type.
ok       virtual machines  with hardware acceleration (kvm)
ok       guest kernel      6.12.9-amd64: 2 of 2 scenarios can run there
                           · has every feature
limited  guest kernel      6.1.8-amd64: 1 of 2 scenarios can run there
                           · 1 needs wireguard: Error: Unknown device type.
                           · has veth, vlan
                           · lacks wireguard
limited  guest kernel      6.1.7-amd64: 0 of 2 scenarios can run there
                           · has vlan, wireguard
                           · lacks veth
limited  guest kernel      5.10.7-amd64: the virtual machine with 5.10.7-amd64 ended by itself

Ready. Next: replypath run --kernel auto
`,
  );
  const verbose = machineText(report, wide, true);
  t.match(
    verbose,
    /6\.1\.8-amd64: .*\n +· 1 needs wireguard.*\n +asking\n +· veth: works\n +· vlan: works\n +· wireguard: Error/,
  );
  for (const line of machineText(report, { colours: false, columns: 60 }, false).split('\n'))
    t.ok([...line].length <= 60, line);
});

t.test('a damaged cache is a row, and no crash', async (t) => {
  const release = '9.9.1-amd64';
  const manifest = JSON.stringify({ version: 2, sums: { initrd: 'another' } });
  const kernel = { 'kernel.json': manifest, initrd: '' };
  const cwd = t.testdir({
    scenarios: { 'open.yaml': OPEN },
    cache: { replypath: { kernels: { [release]: kernel } } },
  });
  const { code, stdout, stderr } = doctor(cwd, '--json');
  const report: MachineReport = JSON.parse(stdout);
  t.equal(code, report.ready ? 0 : 4);
  t.equal(stderr, '', 'nothing is booted');
  if (missingPrograms() === null)
    t.match(report.kernels, [
      {
        release,
        complaint: /^the cache is damaged: .*initrd has changed\. Remove it/,
        features: [],
        runnable: 0,
      },
    ]);
  else
    t.match(
      report.checks.find(({ group }) => group === 'guests'),
      { status: 'limited' },
    );
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
