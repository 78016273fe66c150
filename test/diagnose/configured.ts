import type { Diagnosis } from '../../src/model/diagnosis.js';
import type {
  FlowEvidence,
  HeldAddress,
  Journey,
  NodeDevice,
  NodeState,
  Route,
  Rule,
} from '../../src/model/evidence.js';

/** A rule of IPv4 for a table; what it selects is given beside its text. */
export function rule(preference: number, text: string, more: Partial<Rule> = {}): Rule {
  const table = /lookup (\S+)/.exec(text)?.[1];
  return {
    ...{ family: 4, preference, not: false, l3mdev: false, action: 'lookup', text: `${preference}: ${text}` },
    ...(table === undefined ? {} : { table }),
    ...more,
  };
}

/** What a kernel begins with; ip-rule(8). */
export const KERNEL_RULES: readonly Rule[] = [
  rule(0, 'from all lookup local'),
  rule(32766, 'from all lookup main'),
  rule(32767, 'from all lookup default'),
];

/** Those and more, in the order of their preferences. */
export function rulesWith(...more: readonly Rule[]): readonly Rule[] {
  return [...KERNEL_RULES, ...more].sort((a, b) => a.preference - b.preference);
}

/** A route of IPv4: `default via 192.0.2.1 dev eth0`, in main unless said otherwise. */
export function route(text: string, table = 'main', more: Partial<Route> = {}): Route {
  const [to = ''] = text.split(' ');
  const hops = [...text.matchAll(/(?:via (\S+) )?dev (\S+)/g)];
  return {
    ...{
      family: 4,
      table,
      type: 'unicast',
      metric: 0,
      scope: 'global',
      protocol: 'static',
      preferredSource: null,
    },
    destination: to === 'default' ? '0.0.0.0/0' : to,
    nexthops: hops.map(([, gateway, device = '']) => ({
      device,
      gateway: gateway ?? null,
      weight: 1,
      flags: [],
    })),
    text,
    ...more,
  };
}

export function device(name: string, kind = 'veth', master: string | null = null): NodeDevice {
  const mac = '02:00:00:00:00:01';
  return { ...{ name, index: 1, flags: ['UP', 'LOWER_UP'], kind, master }, mtu: 1500, mac, vlan: null };
}

export function held(name: string, address: string): HeldAddress {
  return { device: name, family: 4, address, prefixLength: 24, scope: 'global', peer: null };
}

/** The links of a server with an uplink by eth0 and one by eth1. */
const LINKS: readonly Route[] = [
  route('192.0.2.0/24 dev eth0'),
  route('198.51.100.0/24 dev eth1'),
  route('192.0.2.10/32 dev eth0', 'local', { type: 'local' }),
  route('198.51.100.10/32 dev eth1', 'local', { type: 'local' }),
];

/** Its main default. */
export const BY_ETH0 = route('default via 192.0.2.1 dev eth0');

export function stateOf(
  rules: readonly Rule[],
  routes: readonly Route[],
  more: Partial<NodeState> = {},
): NodeState {
  return {
    node: 'server',
    rules,
    routes: [...routes, ...LINKS],
    addresses: [held('eth0', '192.0.2.10'), held('eth1', '198.51.100.10')],
    devices: [device('eth0'), device('eth1')],
    neighbours: [],
    sysctls: new Map(),
    ruleset: '',
    connections: [],
    ...more,
  };
}

export function evidenceOf(journey: Journey, ...states: readonly NodeState[]): FlowEvidence {
  return {
    journey,
    states: new Map(states.map((state) => [state.node, state])),
    ...{ lookUps: [], counters: new Map(), repeat: null, missing: [] },
  };
}

/** What a repair types at its nodes for ip(8). */
export function typedIn(cause: Diagnosis | null): readonly string[] {
  return (cause?.repair?.deeds ?? []).flatMap((deed) =>
    'apply' in deed
      ? deed.apply.items.flatMap((item) => (item.kind === 'ip' ? item.commands.map(({ text }) => text) : []))
      : [],
  );
}
