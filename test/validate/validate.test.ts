import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import t, { type Test } from 'tap';
import { DIAGNOSTIC_CODES } from '../../src/format/codes.js';
import { loadScenarios } from '../../src/load/load.js';
import type { PolicyItem } from '../../src/model/policy.js';
import { editDistance } from '../../src/validate/nearest.js';
import { type Validated, validate } from '../../src/validate/validate.js';

const labDirs = [join(process.cwd(), 'lab')];

async function validated(
  t: Test,
  files: Readonly<Record<string, string>>,
  paths = ['x.yaml'],
): Promise<Validated> {
  const cwd = t.testdir({});
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(cwd, name)), { recursive: true });
    writeFileSync(join(cwd, name), content);
  }
  return validate(await loadScenarios(paths, { cwd, labDirs }));
}

async function valid(t: Test, text: string, files: Readonly<Record<string, string>> = {}) {
  const { scenarios, diagnostics } = await validated(t, { 'x.yaml': text, ...files });
  t.strictSame(diagnostics, []);
  return scenarios;
}

const HEAD = 'title: x\ntopology: dual-isp\n';

t.test('a scenario with everything in it', async (t) => {
  const scenarios = await valid(
    t,
    `title: The reply leaves by eth0
source: { document: linux-policy-routing, comment: 11 }
claim: It is answered on eth0.
finding: { status: refined, text: only so far }
tags: [two-gateways]
topology: dual-isp
defaults: { timeout: 300ms, count: 2 }
matrix: { isp: [open, bcp38], family: [4, 6] }
steps:
  - title: as found
    flows:
      - from: client
        to: server:eth1
        probe: ping
        expect:
          - { when: { isp: bcp38 }, verdict: reply-lost, lost: { node: isp1, reason: not-forwarded } }
          - { verdict: asymmetric, reply: { out: eth0, nexthop: 'isp1:lan', source: server:eth1 }, intended: true }
  - fresh: true
    when: { isp: open }
    apply:
      - { node: server, shell: "ip rule\\n", expect: [{ line: 1, exit: 2, message: /File exists/i }], timeout: 5s }
      - { node: server, policy: none }
    event: [{ down: isp2:lan }, { shell: { node: client, script: 'true' } }]
    flows:
      - from: server
        to: client:eth0
        at: isp1
        answeredBy: internet
        probe: { protocol: udp, port: 5000, count: 3, size: 100, timeout: 50 }
        responder: pktinfo
        sourcePort: 4000
        bind: { address: server:eth1, device: eth1 }
        expect: symmetric
`,
  );
  t.strictSame(
    scenarios.map(({ name }) => name),
    ['x [isp=open family=4]', 'x [isp=open family=6]', 'x [isp=bcp38 family=4]', 'x [isp=bcp38 family=6]'],
  );
  const [open4, open6, bcp4] = scenarios;
  t.match(open4, {
    id: 'x',
    file: 'x.yaml',
    title: 'The reply leaves by eth0',
    tags: ['two-gateways'],
    source: { document: 'linux-policy-routing', comment: 11 },
    finding: { status: 'refined', text: 'only so far' },
    variant: { isp: 'open', family: 4 },
  });
  t.equal(open4!.steps.length, 2);
  t.equal(bcp4!.steps.length, 1, 'a step whose condition does not hold is left out');
  t.strictSame(open4!.steps[0]!.flows[0]!.expected, {
    verdict: 'asymmetric',
    reply: { out: 'eth0', nexthop: 'isp1:lan', source: '198.51.100.10' },
    intended: true,
  });
  t.strictSame(bcp4!.steps[0]!.flows[0]!.expected, {
    verdict: 'reply-lost',
    lost: { node: 'isp1', reason: 'not-forwarded' },
    intended: false,
  });
  t.match(open6!.steps[0]!.flows[0], {
    family: 6,
    address: '2001:db8:b::10',
    answeredBy: 'server',
    at: null,
  });
  t.match(open6!.steps[0]!.flows[0]!.probe, {
    protocol: 'icmp',
    port: null,
    count: 2,
    size: 56,
    timeoutMs: 1000,
    bindAddress: null,
    responder: 'wildcard',
    text: 'ping',
  });
  t.equal(bcp4!.steps[0]!.flows[0]!.probe.timeoutMs, 300, 'no answer is expected');
  const second = open4!.steps[1]!;
  t.match(second, { title: 'step 2', fresh: true });
  t.match(second.applies, [
    {
      node: 'server',
      items: [{ kind: 'shell', script: 'ip rule\n' }],
      expectedFailures: [{ line: 1, exit: 2, message: /File exists/i }],
      timeoutMs: 5000,
    },
    { node: 'server', items: [], timeoutMs: 30000 },
  ]);
  t.match(second.events, [
    { kind: 'link-down', endpoint: { node: 'isp2', interface: 'lan' } },
    { kind: 'shell', node: 'client', script: 'true', timeoutMs: 30000 },
  ]);
  t.strictSame(second.flows[0]!.expected, { verdict: 'symmetric', sameNexthop: true, intended: false });
  t.match(second.flows[0], { at: 'isp1', answeredBy: 'internet', address: '203.0.113.9' });
  t.match(second.flows[0]!.probe, {
    protocol: 'udp',
    port: 5000,
    count: 3,
    size: 100,
    timeoutMs: 50,
    responder: 'pktinfo',
    sourcePort: 4000,
    bindAddress: '198.51.100.10',
    bindDevice: 'eth1',
    text: 'udp/5000',
  });
});

t.test('a matrix with more faults than are read ends its file alone', async (t) => {
  const matrix = Array.from({ length: 120 }, (_, index) => index + 10).join(', ');
  const text = `${HEAD}family: 4\nmatrix: { family: [${matrix}] }\nsteps: []\n`;
  const { scenarios, invalid, diagnostics } = await validated(t, { 'x.yaml': text });
  t.strictSame(scenarios, []);
  t.match(invalid, [{ id: 'x', names: null }]);
  t.equal(diagnostics.length, 101);
  t.ok(diagnostics.some(({ code }) => code === 'more-faults'));
});

t.test('one flow for each address, and for a literal its owner', async (t) => {
  const [scenario] = await valid(
    t,
    `${HEAD}steps:
  - flows:
      - { from: client, to: server:eth1, probe: tcp/22, expect: symmetric }
      - { from: client, to: server:eth1, probe: tcp/22, family: 6, expect: symmetric }
      - { from: client, to: 192.0.2.10, probe: ping, expect: asymmetric }
      - { from: client, to: '2001:DB8:a:0::99', probe: ping, expect: no-reply }
`,
  );
  t.strictSame(
    scenario!.steps[0]!.flows.map(({ family, address, answeredBy }) => [family, address, answeredBy]),
    [
      [4, '198.51.100.10', 'server'],
      [6, '2001:db8:b::10', 'server'],
      [6, '2001:db8:b::10', 'server'],
      [4, '192.0.2.10', 'server'],
      [6, '2001:db8:a::99', null],
    ],
  );
  t.strictSame(scenario!.steps[0]!.flows[2]!.expected.sameNexthop, true);
  t.strictSame(scenario!.steps[0]!.flows[3]!.expected, { verdict: 'asymmetric', intended: false });
});

function commands(items: readonly PolicyItem[]): string[] {
  return items.flatMap((item) =>
    item.kind === 'ip' ? item.commands.map(({ family, text }) => `-${family} ${text}`) : [],
  );
}

t.test('typed routes and rules as commands', async (t) => {
  const [scenario] = await valid(
    t,
    `${HEAD}steps:
  - apply:
      node: server
      ip:
        tables: { rt2: 1 }
        routes:
          - { table: rt2, to: server:eth1/net, dev: eth1, src: server:eth1, scope: link, proto: static }
          - { table: rt2, to: default, via: isp2:lan, dev: eth1, metric: 5, onlink: true }
          - { to: default, dev: eth0, table: 7, family: 6 }
          - { to: 10.0.0.5/8, type: blackhole, tos: 0x10 }
          - { to: client:eth0, table: 5, nexthops: [{ via: isp1:lan, dev: eth0, weight: 2 }, { via: isp2:lan }] }
        rules:
          - { from: server:eth1, table: rt2, preference: 100 }
          - { to: '2001:db8:c::/64', not: true, action: prohibit }
          - { iif: lo, fwmark: 0x10/0xff, ipproto: tcp, dport: 80-90, sport: 5, uidrange: 0-0, oif: eth1, tos: 8, goto: 200 }
          - { table: main, suppress_prefixlength: 0, l3mdev: true, family: 4 }
`,
  );
  t.strictSame(commands(scenario!.steps[0]!.applies[0]!.items), [
    '-4 route add 198.51.100.0/24 table rt2 proto static scope link dev eth1 src 198.51.100.10',
    '-6 route add 2001:db8:b::/64 table rt2 proto static scope link dev eth1 src 2001:db8:b::10',
    '-4 route add 0.0.0.0/0 table rt2 metric 5 via 198.51.100.1 dev eth1 onlink',
    '-6 route add ::/0 table rt2 metric 5 via 2001:db8:b::1 dev eth1 onlink',
    '-6 route add ::/0 table 7 dev eth0',
    '-4 route add blackhole 10.0.0.5/8 tos 0x10',
    '-4 route add 203.0.113.9/32 table 5 nexthop via 192.0.2.1 dev eth0 weight 2 nexthop via 198.51.100.1',
    '-6 route add 2001:db8:c::9/128 table 5 nexthop via 2001:db8:a::1 dev eth0 weight 2 nexthop via 2001:db8:b::1',
    '-4 rule add from 198.51.100.10/32 preference 100 table rt2',
    '-6 rule add from 2001:db8:b::10/128 preference 100 table rt2',
    '-6 rule add not to 2001:db8:c::/64 prohibit',
    '-4 rule add iif lo oif eth1 fwmark 0x10/0xff tos 8 ipproto tcp sport 5 dport 80-90 uidrange 0-0 goto 200',
    '-6 rule add iif lo oif eth1 fwmark 0x10/0xff tos 8 ipproto tcp sport 5 dport 80-90 uidrange 0-0 goto 200',
    '-4 rule add l3mdev table main suppress_prefixlength 0',
  ]);
});

t.test('the other kinds of policy, in order, with conditions', async (t) => {
  const [open, filtering] = await valid(
    t,
    `${HEAD}matrix: { isp: [open, bcp38] }
steps:
  - apply:
      node: server
      items:
        - { sysctl: { net.ipv4.conf.eth0.rp_filter: 0x2, net.ipv4.ip_forward: true } }
        - { nft: 'table ip x {}', when: { isp: bcp38 } }
        - { iptables: '*nat', when: { isp: [open] } }
        - { ip6tables: '*filter' }
        - { policy: ./own.yaml }
`,
    { 'own.yaml': 'title: mine\nitems: [{ shell: one }, { shell: two, when: { isp: bcp38 } }]\n' },
  );
  const kinds = (items: readonly PolicyItem[]) =>
    items.map((item) => (item.kind === 'iptables' ? `iptables${item.family}` : item.kind));
  t.strictSame(kinds(open!.steps[0]!.applies[0]!.items), ['sysctl', 'iptables4', 'iptables6', 'shell']);
  t.strictSame(kinds(filtering!.steps[0]!.applies[0]!.items), [
    'sysctl',
    'nft',
    'iptables6',
    'shell',
    'shell',
  ]);
  t.match(open!.steps[0]!.applies[0]!.items[0], {
    settings: [
      ['net.ipv4.conf.eth0.rp_filter', '0x2'],
      ['net.ipv4.ip_forward', '1'],
    ],
  });
});

const NOTHING = 'steps: [{ title: nothing }]\n';

t.test('dual-isp and its parameters', async (t) => {
  const scenarios = await valid(
    t,
    `${HEAD}matrix: { isp: [open, bcp38], profile: [kernel, rhel], rp_filter: [unset, 1] }\n${NOTHING}`,
  );
  t.equal(scenarios.length, 8);
  const node = (index: number, name: string) =>
    scenarios[index]!.topology.nodes.find((one) => one.name === name)!;
  const last = (index: number, key: string) => new Map(node(index, 'server').sysctls).get(key);
  t.strictSame(commands(node(0, 'isp1').policy), []);
  t.strictSame(commands(node(4, 'isp2').policy), [
    '-4 rule add from 198.51.100.0/24 iif lan preference 10 table main',
    '-6 rule add from 2001:db8:b::/64 iif lan preference 10 table main',
    '-4 rule add iif lan preference 11 blackhole',
    '-6 rule add iif lan preference 11 blackhole',
  ]);
  t.equal(last(0, 'net.ipv4.conf.all.rp_filter'), '0', 'said, since a namespace inherits the machine');
  t.equal(last(0, 'net.ipv4.ip_forward'), '0');
  t.equal(new Map(node(0, 'isp1').sysctls).get('net.ipv6.conf.all.forwarding'), '1');
  t.strictSame(
    ['all', 'default', 'eth0', 'eth1'].map((scope) => last(1, `net.ipv4.conf.${scope}.rp_filter`)),
    ['1', '1', '1', '1'],
  );
  t.strictSame(
    ['all', 'default', 'eth0', 'eth1'].map((scope) => last(2, `net.ipv4.conf.${scope}.rp_filter`)),
    ['0', '1', '1', '1'],
    "Red Hat's files spare all",
  );
  t.equal(scenarios[0]!.topology.nodeUnderTest, 'server');
});

t.test('triple-isp adds to dual-isp', async (t) => {
  const [scenario] = await valid(t, `title: x\ntopology: triple-isp\n${NOTHING}`);
  const { topology } = scenario!;
  t.strictSame(
    topology.nodes.map(({ name }) => name),
    ['server', 'isp1', 'isp2', 'internet', 'client', 'isp3'],
  );
  t.strictSame(
    topology.nodes[0]!.interfaces.map(({ name }) => name),
    ['eth0', 'eth1', 'eth2'],
  );
  t.equal(topology.links.length, 7);
});

t.test(
  'a scenario extends a topology: maps merge, lists are replaced, null removes, links move',
  async (t) => {
    const [scenario] = await valid(
      t,
      `title: x
topology:
  extends: dual-isp
  params: { isp: bcp38 }
  nodes:
    isp2: null
    internet: { interfaces: { isp2: null }, routes: [] }
    server: { routes: [{ to: default, dev: eth1 }], sysctls: [{ when: { isp: bcp38 }, set: { net.ipv4.tcp_ecn: 1 } }] }
    peer: { interfaces: { eth0: { addresses: [192.0.2.20/24], mtu: 1400 } } }
  links: [[server:eth1, peer:eth0]]
  segments: { lan: [server:eth0, isp1:lan] }
${NOTHING}`,
    );
    const { topology } = scenario!;
    const server = topology.nodes[0]!;
    t.strictSame(
      topology.nodes.map(({ name }) => name),
      ['server', 'isp1', 'internet', 'client', 'peer'],
    );
    t.strictSame(
      server.routes,
      [4, 6].map((family) => ({
        family,
        to: family === 4 ? '0.0.0.0/0' : '::/0',
        via: null,
        dev: 'eth1',
        src: null,
        metric: null,
      })),
    );
    t.strictSame(server.sysctls.at(-1), ['net.ipv4.tcp_ecn', '1'], 'the condition sees the parameter set');
    t.strictSame(
      topology.links.map(({ a, b }) => `${a.node}:${a.interface} ${b.node}:${b.interface}`),
      ['isp1:wan internet:isp1', 'internet:edge client:eth0', 'server:eth1 peer:eth0'],
    );
    t.match(topology.segments, [{ name: 'lan', ports: [{ node: 'server' }, { node: 'isp1' }] }]);
    t.equal(topology.nodes[4]!.interfaces[0]!.mtu, 1400);
  },
);

t.test('allow silences a mistake that is meant', async (t) => {
  const [scenario] = await valid(
    t,
    `title: x
topology:
  allow: [gateway-off-link, host-bits, duplicate-address, duplicate-route, foreign-source]
  nodes:
    one:
      interfaces: { eth0: { addresses: [10.0.0.1/24] } }
      routes: [{ to: 10.2.0.5/16, via: 10.9.0.2, src: 10.7.7.7 }, { to: 10.2.0.5/16, via: 10.9.0.2 }]
    two: { interfaces: { eth0: { addresses: [10.0.0.1/24] } } }
  links: [[one:eth0, two:eth0]]
${NOTHING}`,
  );
  t.equal(scenario!.topology.nodes[0]!.routes[0]!.to, '10.2.0.5/16', 'to the kernel as written');
});

t.test('a bad file does not stop the others, and two files may not have one id', async (t) => {
  const good = `${HEAD}${NOTHING}`;
  const files = {
    'scenarios/a.yaml': 'title: [',
    'scenarios/b.yaml': good,
    'scenarios/c.yaml': good,
    'scenarios/c.yml': good,
  };
  const { scenarios, invalid, diagnostics } = await validated(t, files, ['scenarios']);
  t.strictSame(
    scenarios.map(({ id }) => id),
    ['b', 'c'],
  );
  t.strictSame(
    invalid.map(({ file }) => file),
    ['scenarios/a.yaml', 'scenarios/c.yml'],
  );
  t.ok(diagnostics.some(({ code }) => code === 'duplicate-scenario'));
});

t.test('a fault in a shared topology makes every file that names it invalid, and is said once', async (t) => {
  const text = `title: x\ntopology: ../t.yaml\n${NOTHING}`;
  const files = {
    't.yaml': 'nodes: { a: { interfacs: {} } }',
    'scenarios/a.yaml': text,
    'scenarios/b.yaml': text,
  };
  const { invalid, diagnostics } = await validated(t, files, ['scenarios']);
  t.equal(invalid.length, 2);
  t.match(diagnostics, [{ code: 'unknown-key', place: { file: 't.yaml', line: 1 } }]);
});

t.test('edit distance', async (t) => {
  t.equal(editDistance('kitten', 'sitting'), 3);
  t.equal(editDistance('tabel', 'table'), 1, 'a swap is one mistake');
  t.equal(editDistance('', 'abc'), 3);
});

t.test('mutated files never throw, and every diagnostic points into its file', async (t) => {
  const cwd = t.testdir({});
  const original = readFileSync('lab/topologies/dual-isp.yaml', 'utf8').replaceAll(/^/gm, '  ');
  const text = `title: x
topology:
${original}
matrix: { isp: [open, bcp38], family: [4, 6] }
steps:
  - apply: { node: server, policy: split-access, expect: [{ line: 1, message: /x/ }] }
    flows: [{ from: client, to: server:eth1, probe: { protocol: udp, port: 5 }, expect: [{ when: { isp: bcp38 }, verdict: mixed }, symmetric] }]
`;
  const pieces = [
    'null',
    '{}',
    '[]',
    '- ',
    '&a ',
    '*a',
    '"',
    ': ',
    '\n',
    '__proto__: 1',
    'when: 5',
    '$x',
    '\u0000',
    '  ',
    'constructor',
    '<<: 1',
    ',',
    '1.10',
    '\u2028',
    '🙂',
  ];
  const mutation = fc.record({
    at: fc.nat(text.length),
    remove: fc.nat(12),
    insert: fc.constantFrom('', ...pieces),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(mutation, { minLength: 1, maxLength: 4 }), async (mutations) => {
      let mutated = text;
      for (const { at, remove, insert } of mutations)
        mutated = mutated.slice(0, at) + insert + mutated.slice(at + remove);
      writeFileSync(join(cwd, 'x.yaml'), mutated);
      const { diagnostics } = validate(await loadScenarios(['x.yaml'], { cwd, labDirs }));
      for (const { code, message, hint, place } of diagnostics) {
        if (!(code in DIAGNOSTIC_CODES) || message === '' || hint === '')
          throw new Error(`${code}: ${message}: ${hint}`);
        if (place.file !== 'x.yaml') continue;
        const line = mutated.split('\n')[place.line - 1];
        if (line === undefined || place.column < 1 || place.column > line.length + 1)
          throw new Error(`${place.line}:${place.column}`);
      }
    }),
    { numRuns: 120 },
  );
});
