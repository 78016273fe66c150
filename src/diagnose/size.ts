import type { Diagnosis } from '../model/diagnosis.js';
import type { Passage } from '../model/evidence.js';
import { requestAt } from './choice.js';
import type { CauseFinder, Facts } from './facts.js';
import { refusalText } from './refusal.js';
import { ipDeed } from './repair.js';
import { nexthopsOf } from './rpdb.js';
import { enteredAt } from './where.js';

/** Of IP and what is in it: 20 or 40 bytes, and 8 of UDP or ICMP, 32 of TCP with its time stamps. */
const HEADERS = { 4: 20, 6: 40 } as const;
const TRANSPORT = { icmp: 8, udp: 8, tcp: 32 } as const;

/**
 * The packet is larger than the link that it was to leave by carries, and may not be fragmented: the node says so (RFC 1191,
 * RFC 8201), or did and was not heard.
 */
export const packetTooBig: CauseFinder = (facts) => {
  const { by, refusal } = facts.result;
  if (by !== null && refusal !== null) {
    const isTooBig = refusal.kind === 'icmp' ? refusal.type === 3 && refusal.code === 4 : refusal.type === 2;
    if (refusal.kind === 'tcp-reset' || !isTooBig) return null;
    const passage = requestAt(by, facts.passages);
    return passage === null ? null : found(facts, passage, [refusalText(by, refusal)]);
  }
  const passage = facts.stop?.end === 'stopped' ? enteredAt(facts) : null;
  return passage === null ? null : found(facts, passage, []);
};

function found(facts: Facts, passage: Passage, evidence: readonly string[]): Diagnosis | null {
  const { node, packet } = passage;
  const decision = facts.decisionFor(passage);
  const device = decision === null ? undefined : nexthopsOf(decision)[0]?.device;
  const mtu = facts.stateOf(node)?.devices.find(({ name }) => name === device)?.mtu;
  const { size, protocol } = facts.flow.probe;
  const length = HEADERS[packet.family] + TRANSPORT[protocol] + size;
  if (device === undefined || mtu === undefined || length <= mtu) return null;
  return {
    code: 'packet-too-big',
    text: `the packet of ${length} bytes is larger than ${node}'s ${device} carries, ${mtu}`,
    evidence,
    repair: {
      text: 'let the link carry it',
      deeds: endsOf(facts, node, device).map((end) =>
        ipDeed(facts, end.node, 4, [`link set dev ${end.interface} mtu ${length}`]),
      ),
      isAdvice: false,
    },
  };
}

/** Both ends: what is larger than a veth's own MTU it does not take in either. */
function endsOf({ plan }: Facts, node: string, device: string) {
  const own = [...plan.interfaces.values()].find(
    ({ endpoint }) => endpoint.node === node && endpoint.interface === device,
  );
  return [{ node, interface: device }, ...(own?.neighbours ?? [])];
}
