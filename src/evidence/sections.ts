import type { LabNode } from '../build/lab.js';

/** What a node's own tools say of it, one command a section. Those ending in `Json` are for programs, the others for people. */
const COMMANDS = {
  rules4: 'ip -4 rule show',
  rules4Json: 'ip -4 -j rule show',
  rules6: 'ip -6 rule show',
  rules6Json: 'ip -6 -j rule show',
  routes4: 'ip -4 route show table all',
  routes4Json: 'ip -4 -j -d route show table all',
  routes6: 'ip -6 route show table all',
  routes6Json: 'ip -6 -j -d route show table all',
  addresses: 'ip address show',
  addressesJson: 'ip -j -d address show',
  neighbours: 'ip neighbour show',
  neighboursJson: 'ip -j neighbour show',
  ruleset: 'nft list ruleset',
  sysctls:
    'grep -rs . /proc/sys/net/ipv4/conf /proc/sys/net/ipv6/conf /proc/sys/net/ipv4/ip_forward' +
    ' /proc/sys/net/ipv4/fib_multipath_hash_policy /proc/sys/net/ipv6/fib_multipath_hash_policy' +
    ' /proc/sys/net/ipv4/fwmark_reflect /proc/sys/net/ipv6/fwmark_reflect /proc/sys/net/ipv4/tcp_fwmark_accept' +
    ' /proc/sys/net/ipv4/tcp_l3mdev_accept /proc/sys/net/ipv4/udp_l3mdev_accept',
} as const;

export type Section = keyof typeof COMMANDS;

const SEPARATOR = '\u001e';

/** The same order in which their outputs come. */
const SECTIONS = Object.keys(COMMANDS) as Section[];

/**
 * All of them by one process; one whose tool is missing, or that fails, is empty, and one that was not reached in time is
 * missing. @param timeoutMs for all together.
 */
export async function readSections(
  { agent }: Pick<LabNode, 'agent'>,
  wanted: readonly Section[],
  timeoutMs: number,
): Promise<ReadonlyMap<Section, string>> {
  const asked = SECTIONS.filter((section) => wanted.includes(section));
  const script = asked.map((section) => `${COMMANDS[section]}; printf '\\036'`).join('; ');
  const { stdout } = await agent.run(['/bin/sh', '-c', script], { timeoutMs });
  // Behind the last separator there is nothing, or what was cut short.
  const texts = stdout.split(SEPARATOR).slice(0, -1);
  return new Map(texts.flatMap((text, i) => (asked[i] === undefined ? [] : [[asked[i], text] as const])));
}

/** The command of a section, as a person would type it. */
export function commandOf(section: Section): string {
  return COMMANDS[section];
}
