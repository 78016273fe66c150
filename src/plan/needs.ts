import type { Feature } from '../model/feature.js';
import type { PolicyItem } from '../model/policy.js';
import type { Scenario } from '../model/scenario.js';

/**
 * What a scenario needs of a machine, each once: what it says itself, and what its typed policies and its
 * addresses come to. What a script calls is not known; its author says it by `requires`.
 */
export function needsOf({ requires, topology, steps }: Scenario): Feature[] {
  const items = [
    ...topology.nodes.flatMap(({ policy }) => policy),
    ...steps.flatMap(({ applies }) => applies.flatMap((apply) => apply.items)),
  ];
  const addresses = topology.nodes.flatMap(({ interfaces }) => interfaces.flatMap((one) => one.addresses));
  return [
    ...new Set([
      ...requires,
      ...(addresses.some(({ family }) => family === 6) ? (['ipv6'] as const) : []),
      ...items.flatMap(needsOfItem),
    ]),
  ];
}

function needsOfItem(item: PolicyItem): readonly Feature[] {
  if (item.kind === 'nft') return ['nftables'];
  if (item.kind === 'iptables') return [item.family === 4 ? 'iptables' : 'ip6tables'];
  return [];
}
