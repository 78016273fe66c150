import type { LabNode } from '../build/lab.js';
import type { CounterDeltas } from '../model/evidence.js';

/** Counters of the namespace of whoever reads them: RFC 1213, RFC 4293, and Linux's own; net/ipv4/proc.c, net/ipv6/proc.c. */
const FILES = ['/proc/net/snmp', '/proc/net/netstat', '/proc/net/snmp6'];

/** What a node's kernel has counted since the node was made, as it says it: most of it is never looked at. */
export type Counters = readonly string[];

export async function readCounters({ agent }: LabNode): Promise<Counters> {
  const texts = await Promise.all(FILES.map((file) => agent.read(file)));
  return texts.map((text) => text ?? '');
}

/** Either a line of names and one of values, each with a prefix (`Ip: InReceives …`), or a name and a value a line. */
function parseCounters(text: string): [name: string, value: number][] {
  const counters: [string, number][] = [];
  const names = new Map<string, readonly string[]>();
  for (const line of text.split('\n')) {
    const [first = '', ...rest] = line.trim().split(/\s+/);
    if (!first.endsWith(':')) {
      if (rest[0] !== undefined) counters.push([first, Number(rest[0])]);
      continue;
    }
    const prefix = first.slice(0, -1);
    const known = names.get(prefix);
    if (known === undefined) names.set(prefix, rest);
    else for (const [i, name] of known.entries()) counters.push([`${prefix}${name}`, Number(rest[i])]);
  }
  return counters;
}

/** Those that rose, and by how much, by name: `IpOutNoRoutes`, `TcpExtIPReversePathFilter`, `Ip6InNoRoutes`. */
export function deltasOf(before: Counters, after: Counters): CounterDeltas {
  const then = new Map(before.flatMap(parseCounters));
  return Object.fromEntries(
    after.flatMap(parseCounters).flatMap(([name, value]) => {
      const rise = value - (then.get(name) ?? 0);
      return rise > 0 ? [[name, rise] as const] : [];
    }),
  );
}
