import type { Device, DeviceChange, NodeCapture } from '../model/observation.js';
import type { Frame } from '../model/packet.js';
import type { LabPlan } from '../model/plan.js';

export const LOOPBACK = 'lo';

/** In every network namespace the loopback device has this number. */
const LOOPBACK_INDEX = 1;

/** Kinds of devices whose ports speak no IP of their own; ip-link(8). */
const SWITCHES: ReadonlySet<string> = new Set(['bridge', 'bond', 'team']);

/** Kinds that stand on another device of their node, and show what that one shows too. */
const STACKED: ReadonlySet<string> = new Set(['vlan', 'macvlan', 'macvtap', 'ipvlan', 'ipvtap', 'macsec']);

/** Kinds of which a packet leaves one and enters another with all of the network between them hidden. */
const TUNNELS: ReadonlySet<string> = new Set([
  ...['wireguard', 'tun', 'ppp', 'xfrm', 'vxlan', 'geneve', 'ipip', 'sit', 'ip6tnl', 'vti', 'vti6'],
  ...['gre', 'gretap', 'ip6gre', 'ip6gretap', 'erspan', 'ip6erspan'],
]);

/** A device that a frame was seen on. */
export interface SeenDevice {
  readonly node: string;
  readonly name: string;
  /** Layer-2 address; null for none. */
  readonly mac: string | null;
  /** What leaves a device may enter any other with the same number, with no router between them. */
  readonly segment: number;
  /** Whether the kernel puts the outer addresses of a tunnel where a frame has its layer-2 ones. */
  readonly isTunnel: boolean;
  /** Nodes at which its segment goes into a tunnel: those with a tunnel's end, as a bridge may have one for a port. */
  readonly tunnelEnds: readonly string[];
  /** Whether it is in a bridge or bond, which speaks IP in its place. */
  readonly isPort: boolean;
  /** Numbers of the devices that stand on it. */
  readonly carries: readonly number[];
}

/**
 * All devices of a lab: those of the plan, and what the nodes said of changes, by which recipes make VLANs, bridges
 * and tunnels. Segments are as wide as they ever were, without a look at VLAN ids: what a packet is tells the rest.
 */
export class Devices {
  readonly #changes = new Map<string, DeviceChange[]>();
  readonly #carried = new Map<string, number[]>();
  readonly #segments = new Segments();
  /** The node of each end of a tunnel. */
  readonly #tunnels = new Map<string, string>();
  /** What has been made of what was told: the same for every frame. */
  readonly #seen = new Map<Device, SeenDevice>();
  readonly #untoldOf = new Map<string, Device>();

  constructor(
    private readonly plan: LabPlan,
    captures: readonly Pick<NodeCapture, 'node' | 'devices'>[],
  ) {
    const numbers = new Map<string, string>();
    for (const { index, endpoint } of plan.interfaces.values())
      numbers.set(`${endpoint.node}:${endpoint.interface}`, keyOf(endpoint.node, index));
    for (const { index, endpoint, neighbours } of plan.interfaces.values()) {
      for (const { node, interface: name } of neighbours)
        this.#segments.join(keyOf(endpoint.node, index), numbers.get(`${node}:${name}`) ?? '');
    }
    for (const { node, devices } of captures) {
      // A dump of the kernel may tell of a port before its bridge.
      for (const change of devices) push(this.#changes, keyOf(node, change.index), change);
      for (const change of devices) this.#place(node, change);
    }
  }

  #place(node: string, { index, device }: DeviceChange): void {
    if (device === null) return;
    const own = keyOf(node, index);
    const { kind, link, master } = device;
    if (TUNNELS.has(kind)) {
      this.#tunnels.set(own, node);
      // WireGuard outside of the kernel has a TUN device.
      this.#segments.join(own, `every ${kind === 'wireguard' ? 'tun' : kind}`);
    }
    if (link !== null && STACKED.has(kind)) push(this.#carried, keyOf(node, link), index);
    if (link !== null && (STACKED.has(kind) || kind === 'veth')) this.#segments.join(own, keyOf(node, link));
    if (master !== null && this.#isSwitch(node, master)) this.#segments.join(own, keyOf(node, master));
  }

  #tunnelEndsOf(segment: number): readonly string[] {
    return [...this.#tunnels].flatMap(([key, node]) => (this.#segments.of(key) === segment ? [node] : []));
  }

  #isSwitch(node: string, index: number): boolean {
    const changes = this.#changes.get(keyOf(node, index)) ?? [];
    return changes.some(({ device }) => device !== null && SWITCHES.has(device.kind));
  }

  /** The device that a frame names at a node; null where nothing has that number. */
  of(
    node: string,
    { interfaceIndex: index, time }: Pick<Frame, 'interfaceIndex' | 'time'>,
  ): SeenDevice | null {
    const key = keyOf(node, index);
    const known = this.#at(node, index, key, time);
    if (known === null) return null;
    const seen = this.#seen.get(known);
    if (seen !== undefined) return seen;
    const { name, address, kind, master } = known;
    const device: SeenDevice = {
      ...{ node, name, mac: address || null },
      segment: this.#segments.of(key),
      isTunnel: TUNNELS.has(kind),
      tunnelEnds: this.#tunnelEndsOf(this.#segments.of(key)),
      isPort: master !== null && this.#isSwitch(node, master),
      carries: this.#carried.get(key) ?? [],
    };
    this.#seen.set(known, device);
    return device;
  }

  /** As it was then. The word of a change comes later than the change, so that the first of a device holds before it, too. */
  #at(node: string, index: number, key: string, time: bigint): Device | null {
    if (index === LOOPBACK_INDEX) return this.#untold(key, LOOPBACK, '', '');
    const changes = this.#changes.get(key);
    if (changes === undefined) {
      // Numbers of the plan are unique in the lab: that of another node is none of this one's.
      const planned = this.plan.interfaces.get(index);
      if (planned?.endpoint.node !== node) return null;
      return this.#untold(key, planned.endpoint.interface, planned.mac ?? '', 'veth');
    }
    return (
      changes.findLast((change) => change.time <= time)?.device ??
      changes.find((change) => change.time > time && change.device !== null)?.device ??
      null
    );
  }

  /** A device that no node told of. */
  #untold(key: string, name: string, address: string, kind: string): Device {
    const known = this.#untoldOf.get(key) ?? { name, address, kind, master: null, link: null };
    this.#untoldOf.set(key, known);
    return known;
  }
}

function keyOf(node: string, index: number): string {
  return `${node} ${index}`;
}

function push<T>(lists: Map<string, T[]>, key: string, item: T): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [item]);
  else list.push(item);
}

/** Sets of what was joined, directly or by others. */
class Segments {
  readonly #numbers = new Map<string, number>();
  /** By number, another one of its set; itself where it stands for the set. */
  readonly #parents: number[] = [];

  join(a: string, b: string): void {
    this.#parents[this.of(a)] = this.of(b);
  }

  /** A number that all of a set have in common. */
  of(key: string): number {
    let number = this.#numbers.get(key);
    if (number === undefined) {
      number = this.#parents.length;
      this.#parents.push(number);
      this.#numbers.set(key, number);
    }
    for (let parent = this.#parents[number]; parent !== undefined && parent !== number; ) {
      number = parent;
      parent = this.#parents[number];
    }
    return number;
  }
}
