import type { LabNode } from '../build/lab.js';
import type { NodeState } from '../model/evidence.js';
import { trackedConnections } from '../probe/connections.js';
import { parseAddresses, parseDevices, parseNeighbours } from './devices.js';
import { parseRoutes } from './routes.js';
import { parseRules } from './rules.js';
import { readSections, type Section } from './sections.js';

const SECTIONS: readonly Section[] = [
  ...(['rules4', 'rules4Json', 'rules6', 'rules6Json'] as const),
  ...(['routes4', 'routes4Json', 'routes6', 'routes6Json'] as const),
  ...(['addressesJson', 'neighboursJson', 'ruleset', 'sysctls'] as const),
];

/** Asks a node how it is configured now. It changes nothing there. @param timeoutMs until what has not answered is left out. */
export async function readState(node: LabNode, timeoutMs: number): Promise<NodeState> {
  const [texts, connections] = await Promise.all([
    readSections(node, SECTIONS, timeoutMs),
    trackedConnections(node),
  ]);
  const of = (section: Section) => texts.get(section) ?? '';
  return {
    node: node.name,
    rules: [
      ...parseRules(4, of('rules4Json'), of('rules4')),
      ...parseRules(6, of('rules6Json'), of('rules6')),
    ],
    routes: [
      ...parseRoutes(4, of('routes4Json'), of('routes4')),
      ...parseRoutes(6, of('routes6Json'), of('routes6')),
    ],
    addresses: parseAddresses(of('addressesJson')),
    devices: parseDevices(of('addressesJson')),
    neighbours: parseNeighbours(of('neighboursJson')),
    sysctls: parseSysctls(of('sysctls')),
    ruleset: of('ruleset').trim(),
    connections,
  };
}

/** Lines `/proc/sys/net/ipv4/conf/all/rp_filter:1`. Interface names may have dots in them, which a key writes as slashes; sysctl(8). */
export function parseSysctls(text: string): ReadonlyMap<string, string> {
  const settings = new Map<string, string>();
  for (const line of text.split('\n')) {
    const match = /^\/proc\/sys\/([^:]+(?::[^:]+)*?):(.*)$/.exec(line);
    const [, path, value] = match ?? [];
    if (path === undefined || value === undefined) continue;
    const key = path
      .split('/')
      .map((part) => part.replaceAll('.', '/'))
      .join('.');
    settings.set(key, value);
  }
  return settings;
}
