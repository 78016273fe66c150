import type { Passage } from '../model/evidence.js';
import { parseAddress } from '../net/address.js';
import type { CauseFinder, Facts } from './facts.js';
import { ipRepair } from './repair.js';
import { enteredAt, interfaceKey, sysctlOf } from './where.js';

/**
 * IPv4 drops what comes from outside with a source that is the node's own address (unless accept_local), or that no host
 * may have; __fib_validate_source in net/ipv4/fib_frontend.c, ip_route_input_slow in net/ipv4/route.c.
 */
export const martianSource: CauseFinder = (facts) => {
  const passage = enteredAt(facts);
  const source = passage?.packet.source ?? null;
  if (passage === null || source === null || passage.in === null || passage.packet.family !== 4) return null;
  const { node } = passage;
  const held = facts.stateOf(node)?.addresses.find(({ address }) => address === source) ?? null;
  const accepted = ['all', passage.in].some(
    (each) => sysctlOf(facts, node, interfaceKey(4, each, 'accept_local')) === 1,
  );
  if (held === null ? !isNobodys(source) : accepted) return null;
  return {
    code: 'martian-source',
    text: `${node} dropped it as a martian: ${source} is ${held === null ? 'no address that a host may have' : `its own address, on ${held.device}`}`,
    evidence: answersOf(facts, passage),
    repair:
      held === null
        ? null
        : ipRepair(facts, `take ${source} from ${node}`, node, [
            `address del ${source}/${held.prefixLength} dev ${held.device}`,
          ]),
  };
};

/** 0.0.0.0/8, 127.0.0.0/8, multicast, class E and the broadcast address: RFC 1122, 3.2.1.3. */
function isNobodys(text: string): boolean {
  const first = (parseAddress(text)?.value ?? 0n) >> 24n;
  return first === 0n || first === 127n || first >= 224n;
}

function answersOf({ evidence }: Facts, { node, leg }: Passage): string[] {
  return evidence.lookUps.flatMap(({ answer, command, ...each }) =>
    each.node === node && each.leg === leg && answer.kind === 'error' && each.purpose === 'way'
      ? [`${node}: ${command}: ${answer.message}`]
      : [],
  );
}
