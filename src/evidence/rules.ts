import type { Rule } from '../model/evidence.js';
import type { Family } from '../model/family.js';
import { legibleText, lines, rows } from './output.js';

/** Protocol numbers of the names with which ip-rule(8) prints `ipproto`. */
const PROTOCOL_NUMBERS: Readonly<Record<string, number>> = {
  icmp: 1,
  tcp: 6,
  udp: 17,
  gre: 47,
  esp: 50,
  ah: 51,
  'ipv6-icmp': 58,
  sctp: 132,
};

const ACTIONS = ['unreachable', 'prohibit', 'blackhole', 'nop'] as const;

/** The same rules as JSON and as text, in the order of their preferences. */
export function parseRules(family: Family, json: string, text: string): Rule[] {
  const texts = lines(text);
  return rows(json).map((row, i) => {
    const prefix = (address: 'src' | 'dst', length: 'srclen' | 'dstlen') => {
      const value = row.text(address);
      if (value === null || value === 'all') return null;
      return `${value}/${row.number(length) ?? (family === 4 ? 32 : 128)}`;
    };
    const range = (name: string): readonly [number, number] | null => {
      const single = row.number(name);
      if (single !== null) return [single, single];
      const [first, last] = [row.number(`${name}_start`), row.number(`${name}_end`)];
      return first === null || last === null ? null : [first, last];
    };
    const target = row.number('goto');
    return {
      family,
      preference: row.number('priority') ?? 0,
      not: row.has('not'),
      ...present('from', prefix('src', 'srclen')),
      ...present('to', prefix('dst', 'dstlen')),
      ...present('iif', row.text('iif')),
      ...present('oif', row.text('oif')),
      ...present('tos', row.text('tos')),
      ...present('mark', row.number('fwmark')),
      ...present('mask', row.number('fwmask')),
      ...present('protocol', protocolOf(row.text('ipproto'))),
      ...present('sourcePorts', range('sport')),
      ...present('destinationPorts', range('dport')),
      ...present('uids', range('uid')),
      l3mdev: row.has('l3mdev'),
      action: target !== null ? 'goto' : (ACTIONS.find((each) => each === row.text('action')) ?? 'lookup'),
      ...present('table', row.text('table')),
      ...present('goto', target),
      ...present('suppressPrefixLength', row.number('suppress_prefixlen')),
      text: legibleText(texts[i] ?? ''),
    };
  });
}

function protocolOf(name: string | null): number | null {
  if (name === null) return null;
  return PROTOCOL_NUMBERS[name] ?? Number(name);
}

/** A member, unless it is null. */
function present<K extends string, V>(key: K, value: V | null): { readonly [P in K]?: V } {
  return value === null ? {} : ({ [key]: value } as { readonly [P in K]?: V });
}
