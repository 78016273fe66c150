import { join } from 'node:path';
import t from 'tap';
import { loadInline, loadScenarios } from '../../src/load/load.js';
import type { Need } from '../../src/model/need.js';
import { needsOf } from '../../src/plan/needs.js';
import { validate } from '../../src/validate/validate.js';

const PAIR = `topology:
  nodes:
    left: { interfaces: { eth0: { addresses: [192.0.2.1/24] } } }
    right: { interfaces: { eth0: { addresses: [192.0.2.2/24] } } }
  links: [[left:eth0, right:eth0]]
`;

t.test('what a scenario needs of a machine', async (t) => {
  const rest = 'steps: [{}]\n';
  const cwd = t.testdir({
    'a-none.yaml': `title: t\n${PAIR}${rest}`,
    'b-said.yaml': `title: t\nrequires: [vrf, tun, vrf]\n${PAIR}${rest}`,
    'c-nft.yaml': `title: t\n${PAIR}steps: [{ apply: { node: left, items: [{ nft: add table t }, { sysctl: {} }] } }]\n`,
    'd-iptables.yaml': `title: t\n${PAIR}steps: [{}, { apply: [{ node: left, iptables: '*filter' }, { node: left, ip6tables: '*filter' }] }]\n`,
    'e-node.yaml': `title: t\n${PAIR.replace('right: {', 'right: { policy: [{ nft: add table t }],')}${rest}`,
    'f-ipv6.yaml': `title: t\n${PAIR.replace('192.0.2.1/24', '192.0.2.1/24, "2001:db8::1/64"')}${rest}`,
    'g-script.yaml': `title: t\n${PAIR}steps: [{ apply: { node: left, shell: nft list ruleset } }]\n`,
    'h-flow.yaml': `title: t\n${PAIR}steps: [{ flows: [{ from: left, to: "2001:db8::9", probe: ping, expect: no-reply }] }]\n`,
    'j-process.yaml': `title: t\n${PAIR}steps: [{ apply: { node: left, process: { name: d, command: exec dnsmasq -k } } }]\n`,
    'i-tools.yaml': `title: t\nrequires: [root, { tool: wg }, { tool: nft, version: ">= 1.0.6" }, { tool: wg }]\n${PAIR}${rest}`,
  });
  const { scenarios, diagnostics } = validate(
    await loadScenarios([cwd], { cwd, labDirs: [join(cwd, 'lab')] }),
  );
  t.strictSame(diagnostics, []);
  t.strictSame(Object.fromEntries(scenarios.map((scenario) => [scenario.id, needsOf(scenario)])), {
    'a-none': [],
    'b-said': ['vrf', 'tun'],
    'c-nft': ['nftables'],
    'd-iptables': ['iptables', 'ip6tables'],
    'e-node': ['nftables'],
    'f-ipv6': ['ipv6'],
    'g-script': ['nftables'],
    'h-flow': ['ipv6'],
    'j-process': [{ tool: 'dnsmasq', oldest: null }],
    'i-tools': ['root', { tool: 'wg', oldest: null }, { tool: 'nft', oldest: '1.0.6' }],
  });
});

/** What a script on a node needs, where these lines of it are expected to fail. */
async function needsOfScript(script: string, failures: readonly number[] = []): Promise<readonly Need[]> {
  const file = {
    title: 't',
    topology: { nodes: { left: {} } },
    steps: [{ apply: { node: 'left', shell: script, expect: failures.map((line) => ({ line })) } }],
  };
  const { scenarios, diagnostics } = validate(await loadInline('t', file, { cwd: '/', labDirs: [] }));
  if (diagnostics.length > 0) throw new Error(diagnostics[0]?.message);
  return scenarios.flatMap(needsOf);
}

t.test('what commands of scripts need', async (t) => {
  const tool = (name: string): Need => ({ tool: name, oldest: null });
  const [wg, quick] = [tool('wg'), tool('wg-quick')];
  const types = ['vlan', 'vrf', 'vxlan', 'macvlan', 'gre', 'wireguard', 'dummy', 'bond', 'ifb'] as const;
  const cases: readonly (readonly [script: string, needs: readonly Need[], twin: string])[] = [
    ...types.map((type) => [`ip link add x type ${type}`, [type], `ip link show type ${type}`] as const),
    [
      'ip -4 l a link eth0 name eth0.7 type vlan id 7',
      ['vlan'],
      'ip link add vlan type veth peer name dummy',
    ],
    ['ip link add g type gretap local 192.0.2.1', ['gre'], 'ip link set g type bridge'],
    ['ip tunnel add g mode gre local 192.0.2.1', ['gre'], 'ip tunnel add g mode ipip local 192.0.2.1'],
    ['ip tuntap add dev t0 mode tun', ['tun'], 'ip tuntap list'],
    ['ip mptcp endpoint show', ['mptcp'], 'ip route get 192.0.2.1'],
    ['tc qdisc add dev eth0 root netem delay 1ms', ['netem'], 'tc qdisc del dev eth0 root netem'],
    ['nft -f /x', ['nftables'], 'cat /usr/sbin/nft'],
    ['echo a | /usr/sbin/nft -f -', ['nftables'], 'cat <<E\nnft list\nE'],
    ['iptables -L', ['iptables'], 'echo iptables -L'],
    ['iptables-restore </x', ['iptables'], 'iptables-save'],
    ['ip6tables -L', ['ip6tables'], '# ip6tables -L'],
    ['wg show', [wg], 'command -v wg && wg show'],
    ['wg-quick strip wg0', [quick], 'man wg-quick'],
    ['wg-quick up wg0', [quick, 'wireguard'], 'if false; then wg-quick up wg0; fi'],
    ['openvpn --config x', [tool('openvpn'), 'tun'], 'echo openvpn'],
    ['wireguard-go -f wg0', [tool('wireguard-go'), 'tun'], 'wireguard --version'],
    ['dnsmasq -k', [tool('dnsmasq')], 'pidof dnsmasq'],
    ['radvd -n', [tool('radvd')], 'test -x /usr/sbin/radvd'],
    ['dhclient -d eth0', [tool('dhclient')], 'pkill dhclient'],
    ['ip rule add from 192.0.2.1 table 1', [], 'sysctl -w net.ipv4.ip_forward=1'],
  ];
  for (const [script, needs, twin] of cases) {
    t.strictSame(await needsOfScript(script), needs, script);
    t.strictSame(await needsOfScript(twin), [], twin);
  }
  t.strictSame(await needsOfScript('wg show\nwg show'), [wg], 'each once');
});

t.test('a command that is expected to fail needs nothing', async (t) => {
  const script = 'ip link add x type dummy\nip link add y \\\n  type vrf table 1';
  t.strictSame(await needsOfScript(script), ['dummy', 'vrf']);
  t.strictSame(await needsOfScript(script, [1]), ['vrf']);
  t.strictSame(await needsOfScript(script, [3]), ['dummy'], 'bash may name any of its lines');
});
