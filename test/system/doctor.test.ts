import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import t from 'tap';
import { FEATURES } from '../../src/model/feature.js';
import type { MachineCheck } from '../../src/model/machine.js';
import { apparmorProfile, checkMachine, checkNode } from '../../src/system/doctor.js';
import { enterCommand, idRange } from '../../src/system/enter.js';
import { isOlder, missingTools, toolVersions, versionIn } from '../../src/system/tools.js';

const AS_USER = fileURLToPath(new URL('../../../test/as-user', import.meta.url));
const DOCTOR = new URL('../../src/system/doctor.js', import.meta.url).href;
const PRINT_CHECKS = `
  import { checkMachine, missingTools } from ${JSON.stringify(DOCTOR)};
  console.log(JSON.stringify({ checks: await checkMachine('/tmp'), missing: await missingTools() }));
`;

/** What the doctor says when it is started by a command line that ends with the arguments of `env`. */
async function doctorUnder(
  ...entry: [string, ...string[]]
): Promise<{ checks: MachineCheck[]; missing: string[] }> {
  const [program, ...options] = entry;
  const { stdout } = await execa(program, [
    ...options,
    process.execPath,
    '--input-type=module',
    '-e',
    PRINT_CHECKS,
  ]);
  return JSON.parse(stdout);
}

function named(checks: readonly MachineCheck[], name: string): MachineCheck | undefined {
  return checks.find((check) => check.name === name);
}

/** In a mount namespace of its own, a machine without some programs. */
function without(...programs: string[]): [string, ...string[]] {
  const hide = programs.map((program) => `mount --bind /dev/null "$(command -v ${program})" && `).join('');
  const user = process.getuid?.() === 0 ? ['--propagation', 'private'] : ['--user', '--map-root-user'];
  const script = `PATH=$PATH:/usr/sbin:/sbin; ${hide}exec "$@"`;
  return ['unshare', '--mount', ...user, 'sh', '-c', script, 'sh'];
}

t.test('this machine', async (t) => {
  const began = performance.now();
  const checks = await checkMachine('/tmp');
  t.ok(performance.now() - began < 5000, 'in bounded time');
  const bad = checks.filter((check) => check.status === 'missing');
  t.strictSame(bad, [], 'has what the tests need');
  t.strictSame(await missingTools(), []);
  for (const name of [
    'kernel',
    'node',
    'ip',
    'veth',
    'bridge',
    'policy-routing',
    'multipath',
    'capture',
    'tcpdump capture',
    'disk',
  ]) {
    t.equal(named(checks, name)?.status, 'ok', name);
  }
  t.equal(new Set(checks.map((check) => check.name)).size, checks.length, 'every name once');
  const versions = await toolVersions();
  t.match(versions, { ip: /^\d/, tcpdump: /^\d+\./, ping: /^\d/, perl: /^5\./ });
  for (const feature of Object.keys(FEATURES)) t.ok(named(checks, feature), `${feature} is tried`);
  t.notOk(named(checks, 'unshare'), 'labs need no program to enter namespaces');
});

t.test('an ordinary user', async (t) => {
  const { checks } = await doctorUnder(AS_USER);
  t.match(named(checks, 'privileges'), { status: 'ok', detail: /^ordinary user: .* with a range of ids$/ });
  t.match(named(checks, 'user namespaces'), { status: 'ok' });
  t.match(named(checks, 'capture'), { status: 'ok' });
  t.match(named(checks, 'ipv6-policy-routing'), { status: 'ok' });
});

t.test('an ordinary user with one id', { skip: process.getuid?.() !== 0 && 'needs root' }, async (t) => {
  const { checks } = await doctorUnder(...without('newuidmap'), AS_USER);
  t.match(named(checks, 'privileges'), { detail: /^ordinary user: .* with one id$/ });
  t.match(named(checks, 'newuidmap'), { status: 'limited', remedy: 'sudo apt-get install uidmap' });
  for (const name of ['user namespaces', 'veth', 'policy-routing', 'capture', 'tcpdump capture'])
    t.equal(named(checks, name)?.status, 'ok', name);
});

t.test('an ordinary user who may not make namespaces', async (t) => {
  // Limits below /proc/sys/user belong to a user namespace, see namespaces(7): this one is gone with its user.
  const forbid = 'echo 0 >/proc/sys/user/max_user_namespaces && exec "$@"';
  const { checks } = await doctorUnder(
    ...([AS_USER, 'unshare', '--user', '--map-root-user', '--map-auto', 'sh', '-c', forbid, 'sh'] as const),
    ...(['setpriv', '--reuid', '1000', '--regid', '1000', '--clear-groups', '--inh-caps=-all'] as const),
  );
  t.match(named(checks, 'user namespaces'), {
    status: 'missing',
    detail: /^cannot make private namespaces: No space left on device/,
    remedy: 'sudo sysctl user.max_user_namespaces=15000, or run as root',
  });
  t.match(named(checks, '/etc/subuid'), { status: 'limited', remedy: /^sudo usermod --add-subuids / });
  t.notOk(named(checks, 'veth'), 'nothing is said of what could not be tried');
});

t.test('root without capabilities, as in a container', async (t) => {
  const enter = process.getuid?.() === 0 ? [] : (['unshare', '--user', '--map-root-user'] as const);
  const drop = ['setpriv', '--bounding-set=-all', '--inh-caps=-all'] as const;
  const { checks } = await doctorUnder('env', ...enter, ...drop);
  t.match(named(checks, 'namespaces'), { status: 'missing', remedy: /--privileged/ });
});

t.test('tools that are not there', async (t) => {
  const { checks, missing } = await doctorUnder(...without('tcpdump', 'nft'));
  t.strictSame(missing, ['tcpdump'], 'nft is optional');
  t.match(named(checks, 'tcpdump'), {
    status: 'missing',
    detail: 'not installed',
    remedy: 'sudo apt-get install tcpdump',
  });
  t.match(named(checks, 'nft'), { status: 'limited', remedy: 'sudo apt-get install nftables' });
  t.match(named(checks, 'nftables'), {
    status: 'limited',
    detail: 'nft is not installed',
    remedy: 'sudo apt-get install nftables',
  });
  t.match(named(checks, 'tcpdump capture'), { status: 'limited', detail: /tcpdump/ });
  t.match(named(checks, 'capture'), { status: 'ok' }, 'agents capture without it');
  t.match(named(checks, 'connmark'), { status: 'ok' }, 'iptables has it too');

  const { checks: others } = await doctorUnder(...without('setpriv', 'unshare', 'perl'));
  t.match(named(others, 'namespaces'), {
    status: 'missing',
    detail: 'not tried without perl',
    remedy: null,
  });
});

t.test('tools that scenarios name', async (t) => {
  const wanted = [
    { tool: 'no-such-tool', oldest: null },
    { tool: 'ip', oldest: null },
    { tool: 'ip', oldest: '999.1' },
    { tool: 'cat', oldest: '1.0' },
  ];
  const checks = await checkMachine('/tmp', Promise.resolve(wanted));
  t.match(named(checks, 'no-such-tool'), {
    ...{ group: 'tools', required: false, status: 'limited' },
    detail: 'no-such-tool is not installed',
    remedy: null,
  });
  t.equal(checks.filter(({ name }) => name === 'ip').length, 1, 'what every lab needs stands there already');
  t.match(named(checks, 'ip>=999.1'), {
    status: 'limited',
    detail: /^ip is .*, older than 999\.1$/,
    remedy: null,
  });
  t.match(named(checks, 'cat>=1.0'), { status: 'ok', detail: '/usr/bin/cat' });
});

t.test('what is read', async (t) => {
  t.equal(versionIn('ip utility, iproute2-6.1.0, libbpf 1.1.2'), '6.1.0');
  t.equal(versionIn('ip utility, iproute2-ss200127'), '200127');
  t.equal(versionIn('ping from iputils 20221126'), '20221126');
  t.equal(versionIn('This is perl 5, version 36, subversion 0 (v5.36.0)'), '5.36.0');
  t.equal(versionIn('sh: 1: ip: not found'), null);

  t.equal(isOlder('1.0.4', '1.0.6'), true);
  t.equal(isOlder('1.0.6', '1.0.6'), false);
  t.equal(isOlder('1.0.10', '1.0.6'), false, 'numbers, not text');
  t.equal(isOlder('1.1', '1.0.6'), false);
  t.equal(isOlder('1', '1.0.1'), true, 'what is not said is 0');
  t.equal(isOlder('1.0.20210914', '1'), false);

  t.equal(checkNode('20.18.3').status, 'missing');
  t.equal(checkNode('20.19.0').status, 'ok');
  t.equal(checkNode('22.1.0').status, 'ok');

  t.equal(idRange('other:1:2\nann:100000:65536\n', 'ann', 1000), '100000:65536', 'by name');
  t.equal(
    idRange('1000:200000:65536\nann:100000:65536', 'ann', 1000),
    '200000:65536',
    'by number; the first',
  );
  t.equal(idRange('anna:100000:65536\nann:100000:0\n', 'ann', 1000), null);
  t.equal(idRange('', 'ann', 1000), null);
});

t.test("an AppArmor profile is for the program that makes labs' namespaces", async (t) => {
  const [program] = enterCommand();
  t.match(apparmorProfile(), `profile replypath ${program} flags=(unconfined) {\n  userns,\n`);
});
