import type { LabNode } from '../build/lab.js';
import type { NodeState } from '../model/evidence.js';
import { trackedConnections } from '../probe/connections.js';
import { parseAddresses, parseDevices, parseNeighbours } from './devices.js';
import { parseRoutes } from './routes.js';
import { parseRules } from './rules.js';
import { readSections, type Section } from './sections.js';

/** What a person configures with ip(8). */
const HELD_SECTIONS: readonly Section[] = [
  ...(['rules4', 'rules4Json', 'rules6', 'rules6Json'] as const),
  ...(['routes4', 'routes4Json', 'routes6', 'routes6Json', 'addressesJson'] as const),
];

const SECTIONS: readonly Section[] = [...HELD_SECTIONS, 'neighboursJson', 'ruleset', 'sysctls'];

/** What a node is asked takes milliseconds, unless the machine is busy with other things. */
export const TIMEOUT_MS = 30_000;

type Held = Pick<NodeState, 'rules' | 'routes' | 'addresses'>;

/** Asks a node for its rules, routes and addresses alone. Null as of `readState`. */
export async function readHeld(node: LabNode): Promise<Held | null> {
  const texts = await readSections(node, HELD_SECTIONS, TIMEOUT_MS);
  return texts.size < HELD_SECTIONS.length ? null : heldOf(texts);
}

function heldOf(texts: ReadonlyMap<Section, string>): Held {
  const of = (section: Section) => texts.get(section) ?? '';
  return {
    rules: [
      ...parseRules(4, of('rules4Json'), of('rules4')),
      ...parseRules(6, of('rules6Json'), of('rules6')),
    ],
    routes: [
      ...parseRoutes(4, of('routes4Json'), of('routes4')),
      ...parseRoutes(6, of('routes6Json'), of('routes6')),
    ],
    addresses: parseAddresses(of('addressesJson')),
  };
}

/**
 * Asks a node how it is configured now. It changes nothing there. Null where it has not said all of it in time: what is not known
 * to be there may be.
 */
export async function readState(node: LabNode): Promise<NodeState | null> {
  const [texts, connections] = await Promise.all([
    readSections(node, SECTIONS, TIMEOUT_MS),
    trackedConnections(node),
  ]);
  if (texts.size < SECTIONS.length) return null;
  const of = (section: Section) => texts.get(section) ?? '';
  return {
    node: node.name,
    ...heldOf(texts),
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
