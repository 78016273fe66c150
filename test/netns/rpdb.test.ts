import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import type { LabNode } from '../../src/build/lab.js';
import { type Query, queryTo } from '../../src/diagnose/query.js';
import { type Decision, decide, nexthopsOf } from '../../src/diagnose/rpdb.js';
import { readState } from '../../src/evidence/state.js';
import type { Family } from '../../src/model/family.js';
import { planLab } from '../../src/plan/lab.js';
import { openLab } from '../../src/run/open.js';
import { startSandbox } from '../../src/system/sandbox.js';
import { scenariosOf } from './planned.js';

/** As often as a set of rules and routes is made, and packets are looked up with each. */
const ROUNDS = 8;
const LOOK_UPS = 40;

// The machine may have other things to do.
t.setTimeout(120_000);

const SCENARIO = `
title: A node whose rules and routes are made at random
topology:
  nodeUnderTest: node
  nodes:
    node:
      forwarding: true
      rp_filter: 0
      interfaces:
        eth0: { addresses: [192.0.2.10/24, '2001:db8:a::10/64'] }
        eth1: { addresses: [198.51.100.10/24, '2001:db8:b::10/64'] }
        eth2: { addresses: [203.0.113.10/24, '2001:db8:c::10/64'] }
    peer:
      interfaces:
        eth0: { addresses: [192.0.2.1/24, '2001:db8:a::1/64'] }
        eth1: { addresses: [198.51.100.1/24, '2001:db8:b::1/64'] }
        eth2: { addresses: [203.0.113.1/24, '2001:db8:c::1/64'] }
  links:
    - ['node:eth0', 'peer:eth0']
    - ['node:eth1', 'peer:eth1']
    - ['node:eth2', 'peer:eth2']
steps:
  - apply: { node: node, shell: 'true' }
    flows: [{ from: peer, to: 'node:eth0', family: 4, probe: ping, expect: symmetric }]
`;

interface Numbers {
  readonly devices: readonly string[];
  readonly own: readonly string[];
  readonly gateways: readonly string[];
  readonly foreign: readonly string[];
  readonly prefixes: readonly string[];
  /** For rules and for the sources of routes. */
  readonly selecting: readonly string[];
}

const DEVICES = ['eth0', 'eth1', 'eth2'];

const NUMBERS: Readonly<Record<Family, Numbers>> = {
  4: {
    devices: DEVICES,
    own: ['192.0.2.10', '198.51.100.10', '203.0.113.10'],
    gateways: ['192.0.2.1', '198.51.100.1', '203.0.113.1'],
    foreign: ['10.1.1.1', '10.1.2.2', '10.200.0.1', '198.18.0.5', '192.0.2.77', '203.0.113.200'],
    prefixes: [
      'default',
      '10.0.0.0/8',
      '10.1.0.0/16',
      '10.1.1.0/24',
      '10.1.1.1',
      '198.18.0.0/15',
      '192.0.2.64/26',
    ],
    selecting: ['192.0.2.10', '198.51.100.0/24', '10.0.0.0/8', '10.1.2.0/24', '0.0.0.0/1', '203.0.113.200'],
  },
  6: {
    devices: DEVICES,
    own: ['2001:db8:a::10', '2001:db8:b::10', '2001:db8:c::10'],
    gateways: ['2001:db8:a::1', '2001:db8:b::1', '2001:db8:c::1'],
    foreign: [
      'fd00:1:1::1',
      'fd00:1:2::2',
      'fd00:ffff::1',
      '2001:db8:ff::5',
      '2001:db8:a::77',
      '2001:db8:c::200',
    ],
    prefixes: [
      'default',
      'fd00::/16',
      'fd00:1::/32',
      'fd00:1:1::/48',
      'fd00:1:1::1',
      '2001:db8:ff::/48',
      '2001:db8:a::40/122',
    ],
    selecting: [
      '2001:db8:a::10',
      '2001:db8:b::/64',
      'fd00::/16',
      'fd00:1:2::/48',
      '8000::/1',
      '2001:db8:c::200',
    ],
  },
};

/** A generator of numbers that are the same for the same seed: Mulberry32. */
function chance(seed: number) {
  let state = seed;
  const below = (most: number): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % most;
  };
  const pick = <T>(list: readonly T[]): T => {
    const found = list[below(list.length)];
    if (found === undefined) throw new Error('nothing to pick from');
    return found;
  };
  return { below, pick, sometimes: (text: () => string, in_ = 4) => (below(in_) === 0 ? ` ${text()}` : '') };
}

type Chance = ReturnType<typeof chance>;

const TABLES = ['main', '100', '101', '102'];

function randomRoute({ pick, below, sometimes }: Chance, family: Family): string {
  const { devices, gateways, prefixes, selecting } = NUMBERS[family];
  const source = family === 6 ? sometimes(() => `from ${pick(selecting)}`) : '';
  const table = `table ${pick(TABLES)} metric ${1 + below(3)}`;
  const via = () => {
    const i = below(devices.length);
    return below(4) === 0 ? `dev ${devices[i]}` : `via ${gateways[i]} dev ${devices[i]}`;
  };
  const type = below(6);
  if (type === 0)
    return `route add ${pick(['unreachable', 'prohibit', 'blackhole', 'throw'])} ${pick(prefixes)} ${table}`;
  if (type === 1) {
    const hops = DEVICES.slice(0, 2).map((device, i) => `nexthop via ${gateways[i]} dev ${device}`);
    return `route add ${pick(prefixes)} ${table} ${hops.join(' ')}`;
  }
  return `route add ${pick(prefixes)}${source} ${via()} ${table}`;
}

function randomRule({ pick, below, sometimes }: Chance, family: Family): string {
  const { devices, selecting } = NUMBERS[family];
  const selectors = [
    sometimes(() => 'not', 8),
    sometimes(() => `from ${pick(selecting)}`, 2),
    sometimes(() => `to ${pick(selecting)}`),
    sometimes(() => `iif ${pick(['lo', ...devices])}`),
    sometimes(() => `oif ${pick(devices)}`, 8),
    sometimes(() => `fwmark ${pick(['1', '2', '0x10/0xf0', '0/1'])}`),
    sometimes(() => `ipproto ${pick(['tcp', 'udp'])}`, 5),
    sometimes(() => `sport ${pick(['22', '1000-2000'])}`, 8),
    sometimes(() => `dport ${pick(['80', '1-1023'])}`, 6),
    sometimes(() => 'uidrange 1000-2000', 16),
  ];
  const action =
    below(7) === 0
      ? pick(['unreachable', 'prohibit', 'blackhole', 'nop', 'goto 60', 'goto 9999'])
      : `table ${pick(TABLES)}${sometimes(() => `suppress_prefixlength ${pick(['0', '8', '16'])}`, 5)}`;
  return `rule add preference ${pick([10, 20, 30, 40, 50, 60, 70])}${selectors.join('')} ${action}`;
}

function randomQuery({ pick, below }: Chance, family: Family): Query {
  const { own, foreign, devices, gateways } = NUMBERS[family];
  const destination = pick([...foreign, ...foreign, ...gateways, ...own]);
  const protocol = pick([family === 4 ? 1 : 58, 6, 17]);
  const ports = {
    sourcePort: protocol === 6 || protocol === 17 ? pick([22, 1500, 5000]) : null,
    destinationPort: protocol === 6 || protocol === 17 ? pick([80, 443, 5000]) : null,
  };
  const mark = pick([0, 0, 1, 2, 0x15]);
  const kind = below(4);
  if (kind === 0)
    return queryTo(family, destination, {
      source: pick(foreign),
      iif: pick(devices),
      mark,
      protocol,
      ...ports,
    });
  if (kind === 1) return queryTo(family, destination, { mark, protocol, ...ports });
  const source = pick(own);
  if (kind === 2) return queryTo(family, destination, { source, mark, protocol, ...ports });
  return queryTo(family, destination, {
    source,
    oif: pick(devices),
    isBound: family === 4,
    mark,
    protocol,
    ...ports,
  });
}

function commandFor(query: Query): string {
  const { family, destination, source, iif, oif, mark, protocol, sourcePort, destinationPort } = query;
  return [
    `ip -${family} -j route get ${destination}`,
    source === null ? '' : `from ${source}`,
    iif === null ? '' : `iif ${iif}`,
    oif === null ? '' : `oif ${oif}`,
    mark === 0 ? '' : `mark ${mark}`,
    `ipproto ${protocol === 58 ? 'ipv6-icmp' : protocol}`,
    sourcePort === null ? '' : `sport ${sourcePort} dport ${destinationPort}`,
  ]
    .filter((part) => part !== '')
    .join(' ');
}

/** What the kernel said: `table dev gateway`, or its error. */
async function ask(node: LabNode, queries: readonly Query[]): Promise<readonly string[]> {
  const script = queries.map((query) => `${commandFor(query)} 2>&1; echo "=== end"`).join('\n');
  const { stdout } = await node.agent.run(['/bin/sh', '-c', script], { timeoutMs: 60_000 });
  return stdout.split('=== end\n').slice(0, queries.length);
}

interface Answer {
  readonly type?: string;
  readonly dev?: string;
  readonly gateway?: string;
  readonly table?: string;
}

const ERRORS: Readonly<Record<string, RegExp>> = {
  none: /No route to host|Network is unreachable/,
  unreachable: /No route to host|Network is unreachable/,
  prohibit: /Permission denied/,
  blackhole: /Invalid argument/,
};

/** Null where the walk and the kernel agree, else how they do not. */
function disagreement(decision: Decision, said: string): string | null {
  const { end, query } = decision;
  const ours = `${end.kind} ${'rule' in end ? end.rule.text : ''} ${end.kind === 'route' ? end.route.text : ''}`;
  const complaint = `${commandFor(query)}: the kernel says ${said.trim()}, the walk ${ours}`;
  if (!said.trimStart().startsWith('[')) {
    const kind = end.kind === 'refused' ? end.by : end.kind;
    return ERRORS[kind]?.test(said) ? null : complaint;
  }
  const [answer = {}]: readonly Answer[] = JSON.parse(said);
  // fib6_rule_action and ip6_route_get: what is refused is an entry of that type, by lo.
  if (end.kind === 'refused') return answer.type === end.by ? null : complaint;
  if (end.kind === 'none') return answer.type === 'unreachable' ? null : complaint;
  if (end.kind === 'assumed')
    return answer.dev === end.device && answer.table === undefined ? null : complaint;
  const { table = 'main', dev, gateway = null } = answer;
  if (answer.type === 'local' || end.route.type === 'local')
    return answer.type === end.route.type ? null : complaint;
  const isOne = nexthopsOf(decision).some((each) => each.device === dev && each.gateway === gateway);
  return isOne && table === end.table ? null : complaint;
}

t.test("the walk of rules and tables is the kernel's", async (t) => {
  const sandbox = await startSandbox();
  t.teardown(() => sandbox.close());
  const file = join(t.testdir(), 'random.yaml');
  await writeFile(file, SCENARIO);
  const [scenario] = await scenariosOf(file);
  if (scenario === undefined) throw new Error('the scenario is not there');
  const lab = await openLab(planLab(scenario), sandbox, 'agent');
  t.teardown(() => lab.close());
  const node = lab.nodes.get('node');
  if (node === undefined) throw new Error('the node is not there');
  const kinds = new Map<string, number>();
  const batch = async (family: Family, commands: readonly string[]) => {
    const stdin = commands.map((command) => `${command}\n`).join('');
    await node.agent.run(['ip', `-${family}`, '-force', '-batch', '-'], { stdin, timeoutMs: 30_000 });
  };
  for (const family of [4, 6] as const) {
    for (let round = 0; round < ROUNDS; round++) {
      const seed = family * 1000 + round;
      const random = chance(seed);
      await batch(family, [
        ...Array.from({ length: 7 }, (_, i) =>
          Array.from({ length: 6 }, () => `rule del preference ${10 * i + 10}`),
        ).flat(),
        ...TABLES.slice(1).map((table) => `route flush table ${table}`),
        ...NUMBERS[family].prefixes.map((prefix) => `route flush exact ${prefix} table main`),
        ...Array.from({ length: 18 }, () => randomRoute(random, family)),
        ...Array.from({ length: 10 }, () => randomRule(random, family)),
      ]);
      const state = await readState(node);
      if (state === null) throw new Error('the node did not say how it is configured');
      const queries = Array.from({ length: LOOK_UPS }, () => randomQuery(random, family));
      const isOwn = (each: { readonly family: Family }) => each.family === family;
      const rules = state.rules.filter(isOwn).map(({ text }) => text);
      const routes = state.routes.filter(isOwn).map(({ text }) => text);
      const answers = await ask(node, queries);
      t.equal(answers.length, queries.length);
      for (const [i, query] of queries.entries()) {
        const decision = decide(state, query);
        const kind = `${family} ${decision.end.kind}`;
        kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
        t.equal(disagreement(decision, answers[i] ?? ''), null, `seed ${seed}`, { rules, routes });
      }
    }
  }
  // What they agree about is of every kind.
  for (const family of [4, 6])
    for (const kind of ['route', 'refused', 'none'])
      t.ok((kinds.get(`${family} ${kind}`) ?? 0) > 2, `${family} ${kind}`);
});
