import t from 'tap';
import type { TopologyInput } from '../../src/format/topology.js';
import { loadInline } from '../../src/load/load.js';
import { planLab } from '../../src/plan/lab.js';
import { needsOf } from '../../src/plan/needs.js';
import { validate } from '../../src/validate/validate.js';

type Interfaces = NonNullable<NonNullable<TopologyInput['nodes']>[string]>['interfaces'];

/** The scenario with these interfaces on a node, of which eth0 and eth1 are linked to another. */
async function scenarioWith(interfaces: Interfaces, ofTheFirst: object = {}) {
  const file = {
    title: 't',
    topology: {
      nodes: {
        a: { interfaces: { ...interfaces } },
        b: { interfaces: { eth0: {}, eth1: {} } },
      },
      links: [{ ends: ['a:eth0', 'b:eth0'], ...ofTheFirst }, ['a:eth1', 'b:eth1']],
    },
    steps: [{}],
  };
  const { scenarios, diagnostics } = validate(await loadInline('t', file, { cwd: '/', labDirs: [] }));
  const [scenario] = scenarios;
  if (scenario === undefined) throw new Error(diagnostics[0]?.message);
  return scenario;
}

const WIRES = { eth0: {}, eth1: {} };

/** What each kind is made by, and what it needs. The wires have numbers up to 14. */
const KINDS: readonly (readonly [Interfaces, readonly string[], readonly string[]])[] = [
  [
    { ...WIRES, 'eth0.10': { kind: 'vlan', on: 'eth0', id: 10 } },
    ['link add link eth0 name eth0.10 index 15 type vlan id 10'],
    ['vlan'],
  ],
  [
    { ...WIRES, vmbr0: { kind: 'bridge', ports: ['eth0', 'eth1'] } },
    [
      'link add name vmbr0 index 15 address 02:72:70:00:00:0f type bridge forward_delay 0 mcast_snooping 0',
      'link set dev eth0 master vmbr0',
      'link set dev eth1 master vmbr0',
    ],
    [],
  ],
  [
    { ...WIRES, bond0: { kind: 'bond', ports: ['eth0', 'eth1'], mode: 'active-backup' } },
    [
      'link add name bond0 index 15 type bond mode active-backup miimon 100',
      'link set dev eth0 master bond0',
      'link set dev eth1 master bond0',
    ],
    ['bond'],
  ],
  [
    { ...WIRES, blue: { kind: 'vrf', ports: ['eth1'], table: 100 } },
    [
      'link add name blue index 15 address 02:72:70:00:00:0f type vrf table 100',
      'link set dev eth1 master blue',
    ],
    ['vrf'],
  ],
  [
    { ...WIRES, du0: { kind: 'dummy' } },
    ['link add name du0 index 15 address 02:72:70:00:00:0f type dummy'],
    ['dummy'],
  ],
  [
    { ...WIRES, mac0: { kind: 'macvlan', on: 'eth0', mode: 'private' } },
    ['link add link eth0 name mac0 index 15 address 02:72:70:00:00:0f type macvlan mode private'],
    ['macvlan'],
  ],
  [
    { ...WIRES, gre1: { kind: 'gre', local: '192.0.2.1', remote: '192.0.2.2', key: 7, ttl: 64 } },
    ['link add name gre1 index 15 type gre local 192.0.2.1 remote 192.0.2.2 key 7 ttl 64'],
    ['gre'],
  ],
  [
    { ...WIRES, gre1: { kind: 'gre', local: '2001:db8::1', remote: '2001:db8::2' } },
    ['link add name gre1 index 15 type ip6gre local 2001:db8::1 remote 2001:db8::2'],
    ['gre'],
  ],
  [
    { ...WIRES, vx0: { kind: 'vxlan', id: 7, local: '192.0.2.1', remote: '192.0.2.2' } },
    [
      'link add name vx0 index 15 address 02:72:70:00:00:0f type vxlan id 7 local 192.0.2.1 remote 192.0.2.2 dstport 4789',
    ],
    ['vxlan'],
  ],
  [{ ...WIRES, wg0: { kind: 'external', addresses: ['10.9.0.1/24'] } }, [], []],
];

t.test('what each kind of interface is made by, and needs', async (t) => {
  for (const [interfaces, commands, needs] of KINDS) {
    const scenario = await scenarioWith(interfaces);
    const [node] = planLab(scenario).nodes;
    t.strictSame(node?.deviceCommands, commands);
    t.strictSame(needsOf(scenario), needs);
  }
});

t.test('what stands on others is made and comes up after them, whatever the order of the file', async (t) => {
  const scenario = await scenarioWith({
    'vmbr0.10': { kind: 'vlan', on: 'vmbr0', id: 10, addresses: ['192.0.2.1/24'], mtu: 1400 },
    vmbr0: { kind: 'bridge', ports: ['eth1', 'lag'] },
    lag: { kind: 'bond', ports: ['eth0'] },
    ...WIRES,
  });
  const [node] = planLab(scenario).nodes;
  const made = node?.deviceCommands.flatMap((text) => / name (\S+) index (\d+)/.exec(text)?.slice(1) ?? []);
  t.strictSame(made, ['lag', '17', 'vmbr0', '16', 'vmbr0.10', '15'], 'numbers are those of the file');
  t.strictSame(node?.commands, [
    'link set dev lo up',
    'link set dev eth1 up',
    'link set dev eth0 up',
    'link set dev lag up',
    'link set dev vmbr0 up',
    'address add 192.0.2.1/24 dev vmbr0.10',
    'link set dev vmbr0.10 mtu 1400 up',
  ]);
});

t.test('addresses: aliases, peers, and those that are set by something else', async (t) => {
  const scenario = await scenarioWith({
    eth0: {
      addresses: [
        '192.0.2.1/24',
        { address: '192.0.2.2/24', label: 'eth0:1' },
        { address: '192.0.2.3/32', peer: '198.51.100.1' },
        { address: '2001:db8::1/128', peer: '2001:db8::2' },
        { address: '192.0.2.4/24', dynamic: true },
      ],
    },
    eth1: {},
  });
  const [node] = planLab(scenario).nodes;
  t.strictSame(node?.commands.slice(1, -2), [
    'address add 192.0.2.1/24 dev eth0',
    'address add 192.0.2.2/24 dev eth0 label eth0:1',
    'address add 192.0.2.3 peer 198.51.100.1/32 dev eth0',
    'address add 2001:db8::1 peer 2001:db8::2/128 dev eth0 nodad',
  ]);
});

t.test('links that delay packets, lose them or are slow', async (t) => {
  const planned = async (ofTheFirst: object) => {
    const scenario = await scenarioWith(WIRES, ofTheFirst);
    const { trafficCommands, lossRuleset } = planLab(scenario);
    return { trafficCommands, lossRuleset, needs: needsOf(scenario) };
  };
  const both = (discipline: string) =>
    ['port14', 'port16'].map((port) => `qdisc add dev ${port} root ${discipline}`);
  const nothing = { trafficCommands: [], lossRuleset: null, needs: [] };
  t.strictSame(await planned({}), nothing);
  t.strictSame(await planned({ delay: '0ms', loss: '0%' }), nothing);
  t.strictSame(await planned({ delay: '20ms' }), {
    ...nothing,
    trafficCommands: both('netem delay 20ms'),
    needs: ['netem'],
  });
  t.strictSame(await planned({ delay: '0.02s', jitter: 5, rate: '10mbit' }), {
    ...nothing,
    trafficCommands: both('netem delay 20ms 5ms rate 10mbit'),
    needs: ['netem'],
  });
  t.strictSame(await planned({ rate: '10mbit' }), {
    ...nothing,
    trafficCommands: both('tbf rate 10mbit burst 3200b latency 400ms'),
  });
  t.strictSame(await planned({ loss: '0.5%' }), {
    ...nothing,
    needs: ['nftables'],
    lossRuleset: `table netdev losses {
  chain port14 {
    type filter hook ingress device "port14" priority 0
    numgen random mod 1000000 < 5000 drop
  }
  chain port16 {
    type filter hook ingress device "port16" priority 0
    numgen random mod 1000000 < 5000 drop
  }
}
`,
  });
  const { nodes } = planLab(await scenarioWith(WIRES, { delay: '200ms', jitter: '10ms' }));
  const settings = Object.fromEntries(nodes[0]?.lateSysctls ?? []);
  t.equal(
    settings['net.ipv4.neigh.eth0.retrans_time_ms'],
    '190',
    'three times that is longer than an answer takes',
  );
  t.equal(settings['net.ipv4.neigh.eth1.retrans_time_ms'], '50');
});
