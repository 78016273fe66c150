import type { NodeState } from '../model/evidence.js';
import { type Endpoint, endpointText } from '../model/topology.js';
import { contains, parseAddress } from '../net/address.js';
import { filteredArp } from './arp-filter.js';
import type { Facts } from './facts.js';
import { linkOf } from './gateway.js';
import { cutAmong, isDown, putUp } from './link.js';
import { queryTo } from './query.js';
import { neighboursOf } from './question.js';
import { deedAt, isOwn } from './repair.js';
import { decide, nexthopsOf } from './rpdb.js';
import type { Asked, Silence } from './silence.js';
import { unansweredSolicitation } from './solicitation.js';
import { interfaceKey, settingOf } from './where.js';

/** Null where nothing that is known of the two nodes tells why. */
export function silenceOf(facts: Facts, asked: Asked, holder: Endpoint): Silence | null {
  const state = facts.stateOf(holder.node);
  if (state === null) return null;
  if (isDown(facts, holder)) return down(facts, asked, holder);
  const cut = cutAmong(facts, [holder]);
  if (cut !== null) return cut;
  return asked.family === 6
    ? unansweredSolicitation(facts, asked, holder)
    : silentArp(facts, asked, holder, state);
}

/** An address of IPv4 stays where its interface is down, and another one on the link may answer for it. */
function down(facts: Facts, { family, asker }: Asked, holder: Endpoint): Silence {
  const [other] = neighboursOf(facts, asker).filter(
    ({ node, interface: name }) => node === holder.node && name !== holder.interface,
  );
  const setting = other === undefined ? 0 : settingOf(facts, other.node, other.interface, 'arp_ignore');
  const alone =
    family === 4 && other !== undefined && setting > 0
      ? `, and ${endpointText(other)} answers ARP for its own addresses alone (arp_ignore=${setting})`
      : '';
  return {
    why: `${endpointText(holder)} is down${alone}`,
    repair: {
      text: `put ${endpointText(holder)} up`,
      deeds: putUp(facts, holder),
      isAdvice: isOwn(facts, holder.node),
    },
  };
}

/** In the order in which arp_process looks at them; the kernel's net/ipv4/arp.c. */
function silentArp(facts: Facts, asked: Asked, holder: Endpoint, state: NodeState): Silence | null {
  const sender = senderOf(facts, asked);
  return (
    (sender === null ? null : withoutWayBack(facts, asked, holder, state, sender)) ??
    ignored(facts, asked, holder, state, sender) ??
    (sender === null ? null : elsewhereArp(facts, asked, holder, state, sender)) ??
    filteredArp(facts, asked, holder, sender)
  );
}

/** The address with which it asks: the packet's source where that is its own, else that of the interface in the target's network; arp_announce in ip-sysctl.rst. */
function senderOf({ stateOf }: Facts, { asker, source, target }: Asked): string | null {
  const held = stateOf(asker.node)?.addresses.filter(({ family }) => family === 4) ?? [];
  const own = held.find(({ address }) => address === source);
  if (own !== undefined) return own.address;
  const here = held.filter(({ device }) => device === asker.interface);
  const near = here.find((each) => isIn(each, target));
  return (near ?? here[0])?.address ?? null;
}

function isIn(held: NodeState['addresses'][number], text: string): boolean {
  const [link, address] = [linkOf(held), parseAddress(text)];
  return link !== null && address !== null && contains(link, address);
}

/** The reverse-path filter takes the question for a packet from its sender; arp_process calls ip_route_input. */
function withoutWayBack(
  facts: Facts,
  { target }: Asked,
  { node, interface: device }: Endpoint,
  state: NodeState,
  sender: string,
): Silence | null {
  const filter = settingOf(facts, node, device, 'rp_filter');
  if (filter === 0) return null;
  const decision = decide(state, queryTo(4, sender, { source: target }));
  const leads = nexthopsOf(decision).some((each) => each.device === device);
  if (filter === 1 ? leads : decision.end.kind === 'route') return null;
  const isNowhere = decision.end.kind !== 'route';
  const settings = isNowhere
    ? bothOff(device, 'rp_filter')
    : ([[interfaceKey(4, device, 'rp_filter'), '2']] as const);
  return {
    why: `the reverse-path filter of ${node}:${device} (rp_filter=${filter}) dropped the question, because the way back to ${sender} is not by it`,
    repair: {
      text: `${isNowhere ? 'switch the reverse-path filter off' : `make the reverse-path filter of ${device} a loose one`}`,
      deeds: [deedAt(facts, node, { kind: 'sysctl', settings })],
      isAdvice: isOwn(facts, node),
    },
  };
}

/** arp_ignore: 2 answers only those in the address's own network, 3 not for addresses of this host alone, 8 nobody. */
function ignored(
  facts: Facts,
  { target }: Asked,
  { node, interface: device }: Endpoint,
  state: NodeState,
  sender: string | null,
): Silence | null {
  const setting = settingOf(facts, node, device, 'arp_ignore');
  const held = state.addresses.find((each) => each.device === device && each.address === target);
  const isForeign = held !== undefined && sender !== null && !isIn(held, sender);
  const isIgnored =
    setting === 8 || (setting === 2 && isForeign) || (setting === 3 && held?.scope === 'host');
  if (!isIgnored) return null;
  const whom = setting === 2 ? ` to ${sender}, which is of another network` : '';
  return {
    why: `${node}:${device} does not answer ARP for it${whom} (arp_ignore=${setting})`,
    repair: {
      text: `let ${node} answer ARP`,
      deeds: [deedAt(facts, node, { kind: 'sysctl', settings: bothOff(device, 'arp_ignore') })],
      isAdvice: isOwn(facts, node),
    },
  };
}

/** arp_filter: an interface answers only where the node would send to the asker by it; arp_filter in net/ipv4/arp.c. */
function elsewhereArp(
  facts: Facts,
  { target }: Asked,
  { node, interface: device }: Endpoint,
  state: NodeState,
  sender: string,
): Silence | null {
  if (settingOf(facts, node, device, 'arp_filter') === 0) return null;
  const decision = decide(state, queryTo(4, sender, { source: target }));
  if (nexthopsOf(decision)[0]?.device === device) return null;
  return {
    why: `${node}:${device} answers ARP only for whom it would send to by ${device} (arp_filter=1), and ${sender} is not`,
    repair: {
      text: `let ${node} answer ARP whatever way it would send`,
      deeds: [deedAt(facts, node, { kind: 'sysctl', settings: bothOff(device, 'arp_filter') })],
      isAdvice: isOwn(facts, node),
    },
  };
}

function bothOff(device: string, name: string): readonly (readonly [string, string])[] {
  return ['all', device].map((each) => [interfaceKey(4, each, name), '0'] as const);
}
