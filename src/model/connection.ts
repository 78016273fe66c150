/** One direction of a tracked connection: what its packets have when they enter the node. */
export interface ConnectionTuple {
  readonly source: string;
  readonly destination: string;
  /** Null where the protocol has no ports. */
  readonly sourcePort: number | null;
  readonly destinationPort: number | null;
}

/** An entry of a node's connection tracking. Where addresses are translated, `reply` is not `original` turned round. */
export interface Connection {
  readonly node: string;
  /** `tcp`, `udp`, `icmp`, `icmpv6`, … */
  readonly protocol: string;
  /** Of TCP its state; of others `UNREPLIED`, `ASSURED`, or `REPLIED` where it is neither. */
  readonly state: string;
  /** Null where the kernel has none. */
  readonly mark: number | null;
  /** Identifier of an echo; null for what is none. */
  readonly id: number | null;
  readonly original: ConnectionTuple;
  readonly reply: ConnectionTuple;
}
