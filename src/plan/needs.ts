import { type Need, needName } from '../model/need.js';
import type { ExpectedFailure, PolicyItem } from '../model/policy.js';
import { appliesOf, eventsOf, type Scenario } from '../model/scenario.js';
import { TOOLS_BY_NAME } from '../tools/tools.js';
import { needsOfCommand } from './command-needs.js';
import { needsOfDevice } from './links/devices.js';
import { needsOfImpairment } from './links/impairment.js';
import { needsOfSegment } from './links/segment.js';
import { certainCommands } from './script-commands.js';

/**
 * What a scenario needs of a machine, each once: what it says itself, and what its policies, scripts and addresses
 * come to. Of scripts only what they carry out whatever happens counts, and that only where it is not expected to
 * fail: nothing is to be skipped that could run. What is not seen so, its author says by `requires`.
 */
export function needsOf({ requires, topology, steps }: Scenario): Need[] {
  const policies = [
    ...topology.nodes.map(({ policy }) => ({ items: policy, expectedFailures: [] })),
    ...steps.flatMap(appliesOf),
  ];
  const events = steps.flatMap(eventsOf);
  const needs: readonly Need[] = [
    ...requires,
    ...topology.nodes.flatMap(({ interfaces }) => interfaces.flatMap(needsOfDevice)),
    ...topology.segments.flatMap(needsOfSegment),
    ...topology.links.flatMap(needsOfImpairment),
    ...(usesIpv6({ topology, steps }) ? (['ipv6'] as const) : []),
    ...policies.flatMap(({ items, expectedFailures }) =>
      items.flatMap((item) => needsOfItem(item, expectedFailures)),
    ),
    ...events.flatMap((event) => (event.kind === 'shell' ? needsOfScript(event.script, []) : [])),
  ];
  return [...new Map(needs.map((need) => [needName(need), need])).values()];
}

/** A flow may be to an address that no node has. */
function usesIpv6({ topology, steps }: Pick<Scenario, 'topology' | 'steps'>): boolean {
  const addresses = topology.nodes.flatMap(({ interfaces }) => interfaces.flatMap((one) => one.addresses));
  return [...addresses, ...steps.flatMap(({ flows }) => flows)].some(({ family }) => family === 6);
}

function needsOfItem(item: PolicyItem, expectedFailures: readonly ExpectedFailure[]): readonly Need[] {
  if (item.kind === 'nft') return ['nftables'];
  if (item.kind === 'iptables') return [item.family === 4 ? 'iptables' : 'ip6tables'];
  if (item.kind === 'configure') return TOOLS_BY_NAME[item.tool].needs;
  if (item.kind === 'process') return needsOfScript(item.command, expectedFailures);
  return item.kind === 'shell' ? needsOfScript(item.script, expectedFailures) : [];
}

function needsOfScript(script: string, expectedFailures: readonly ExpectedFailure[]): readonly Need[] {
  if (!MAY_NEED.test(script)) return [];
  return certainCommands(script)
    .filter(({ firstLine, lastLine }) =>
      expectedFailures.every(({ line }) => line < firstLine || line > lastLine),
    )
    .flatMap(({ words }) => needsOfCommand(words));
}

/** Most scripts have rules and routes only, and need not be read. */
const MAY_NEED =
  /type|tun|mptcp|netem|wg|nft|tables|vpn|dnsmasq|dhc|wireguard|radvd|bird|keepalived|conntrack/;
