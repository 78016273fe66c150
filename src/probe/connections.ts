import type { LabNode } from '../build/lab.js';
import type { Connection, ConnectionTuple } from '../model/connection.js';
import { parseAddress } from '../net/address.js';

/** Of the network namespace of whoever reads it; nf_conntrack_standalone.c. Kernels without CONFIG_NF_CONNTRACK_PROCFS lack it. */
const FILE = '/proc/net/nf_conntrack';

/** The connections that a node tracks; none where it tracks nothing, or does not say what. */
export async function trackedConnections({ name, agent }: LabNode): Promise<readonly Connection[]> {
  const text = await agent.read(FILE);
  return text === null ? [] : parseConnections(name, text);
}

/** Lines that are none of a protocol over IP are left out. */
export function parseConnections(node: string, text: string): Connection[] {
  return text.split('\n').flatMap((line) => {
    const [, , protocol, , , ...words] = line.split(/ +/);
    const values = (key: string) =>
      words.flatMap((word) => (word.startsWith(`${key}=`) ? [word.slice(key.length + 1)] : []));
    const [originals, replies] = [tupleAt(values, 0), tupleAt(values, 1)];
    if (protocol === undefined || originals === null || replies === null) return [];
    return [
      {
        node,
        protocol,
        state: stateOf(words),
        mark: numberOf(values('mark')[0]),
        id: numberOf(values('id')[0]),
        original: originals,
        reply: replies,
      },
    ];
  });
}

function stateOf(words: readonly string[]): string {
  const [first = ''] = words;
  if (!first.includes('=') && !first.startsWith('[')) return first;
  if (words.includes('[UNREPLIED]')) return 'UNREPLIED';
  return words.includes('[ASSURED]') ? 'ASSURED' : 'REPLIED';
}

/** IPv6 addresses stand there written out. */
function tupleAt(values: (key: string) => readonly string[], index: number): ConnectionTuple | null {
  const source = parseAddress(values('src')[index] ?? '');
  const destination = parseAddress(values('dst')[index] ?? '');
  if (source === null || destination === null) return null;
  return {
    source: source.text,
    destination: destination.text,
    sourcePort: numberOf(values('sport')[index]),
    destinationPort: numberOf(values('dport')[index]),
  };
}

function numberOf(text: string | undefined): number | null {
  return text === undefined ? null : Number(text);
}
