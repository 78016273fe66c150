/** In the order of the contract's table: the first that applies is the verdict. */
export const VERDICTS = [
  'inconclusive',
  'send-failed',
  'refused',
  'request-lost',
  'no-reply',
  'reply-lost',
  'wrong-source',
  'asymmetric',
  'symmetric',
  'mixed',
] as const;

export type VerdictName = (typeof VERDICTS)[number];

export type Role = 'responder' | 'forwarder' | 'initiator';

export type Direction = 'in' | 'out';

/** Why a packet went no further, as far as the captures tell. */
export const LOSS_REASONS = {
  'neighbour-unresolved': 'the node asked for the layer-2 address of the next hop and nobody answered',
  'not-forwarded': 'the packet entered the node and neither left it nor was answered',
  'not-answered': 'the packet entered the answering node and nothing left in answer',
  'not-sent': 'the packet never left the node that was to send it',
  'not-taken': 'the answer entered the node that asked, and its program never got it',
  'too-late': 'the reply reached the sender after the probe had given up waiting',
  'on-the-link': 'the packet left one end of the link and never entered the other',
} as const;

export type LossReason = keyof typeof LOSS_REASONS;

export const CAUSES = {
  'capture-late': 'a capture was not live before the flow began',
  'capture-ended': 'a capture ended before the flow did',
  'capture-dropped': 'the kernel dropped packets before the capture read them',
  'sentinel-missing': 'the control packet sent after the flow was not captured',
  'unmapped-interface': "a packet was seen on an interface number that is none of the node's",
  'neighbour-unresolved': 'the layer-2 address of the next hop was asked for in vain',
  'local-refusal': 'the local system refused to send',
  'icmp-error': 'an ICMP error came back',
  'tcp-reset': 'a TCP reset came back',
  'answered-elsewhere': 'another node answered in the place of the one that was to answer',
  'no-source-rule': 'no rule selects the packet by its source, so that a route to its destination decided',
  'rule-order': 'an earlier rule takes the packet, and the one that leads where it should go comes later',
  'rule-selector':
    'a rule selects another packet than it was meant for: it does not match this one, or should not',
  'table-incomplete': 'a rule leads to the right table, and that lacks the route',
  'connected-route': 'the destination is on a link of the node, and the route of that link decided',
  'tunnel-route': 'a rule or route of a tunnel takes a packet that should go outside of it',
  'no-route': 'no rule led to a route',
  'route-refuses': 'a rule or route of type unreachable, prohibit or blackhole refuses the packet',
  'not-on-the-way': 'the request did not come to the node that is judged',
  'multipath-choice': 'a route has several next hops, and another than the right one was chosen',
  'source-selection':
    'the source that was chosen belongs to another interface than the one the packet left by',
  'vrf-order': "a rule ahead of the VRF's own takes its packets",
  'reverse-path-filter':
    'a reverse-path filter dropped it, because the way back to its source is another one',
  'martian-source': 'its source is an address that no packet from outside may have there',
  'provider-filter': 'a node on the way drops what has this source',
  'stateful-filter': 'a node on the way drops what belongs to no connection that it has seen begin',
  firewall: 'a rule of a packet filter dropped or rejected it',
  'mark-not-restored': 'a rule selects by a mark that the reply was not given',
  'mark-too-late': 'the mark was set where the route had been chosen already',
  'error-without-mark': 'what the kernel answers by itself does not carry the mark of what it answers',
  'nat-reply':
    'the reply is routed before its source is translated back, so that no rule for that address selects it',
  'nat-bypassed': 'the reply did not come back through the node that had translated the request',
  'nat-binding': 'its source was translated to an address of another uplink than it leaves by',
  'nat-missing': 'its source was not translated, and beyond there is no way back to it',
  'nat-elsewhere': 'a node that had not seen the request gave the reply another source',
  'udp-source': 'the answering program left the source of its datagram to the route',
  'arp-flux': 'another interface answered ARP for the address, so that the request came in there',
  'no-listener': 'nobody listens on the port asked',
  'not-local': 'the answering node does not have the address asked',
  'forwarding-off': 'the node does not forward',
  'link-down': 'a link on the way is down or cut',
  'lost-on-link': 'a link on the way loses packets',
  'vlan-unknown': 'it came with the tag of a VLAN for which the node at the other end has no device',
  'ttl-exceeded': 'its time to live was used up',
  'packet-too-big': 'it was larger than a link on its way carries',
  late: 'the answer came after the probe had given up waiting',
  'changed-meanwhile': 'something was done to the lab while its packets were under way',
  'recipe-failed': 'a command of the policy failed, and what it was to add is missing',
} as const;

export type CauseCode = keyof typeof CAUSES;

/** What became of a connection that a stream of probes has. */
export const CONNECTION_FATES = {
  kept: 'answered to the end, all along by one way',
  moved: 'answered to the end, first by one way and then by another',
  reset: 'ended by a TCP reset',
  stalled: 'not answered any more when the stream ended',
} as const;

export type ConnectionFate = keyof typeof CONNECTION_FATES;
