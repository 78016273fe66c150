import type { Devices, SeenDevice } from '../../judge/device.js';
import type { DeviceChange } from '../../model/observation.js';
import type { Frame } from '../../model/packet.js';
import type { LabPlan } from '../../model/plan.js';
import { endpointText } from '../../model/topology.js';

/** An interface of a capture: a device of a node by one of its names. One that is made anew is another one. */
export interface LabInterface {
  readonly node: string;
  /** The kernel's number of it. */
  readonly index: number;
  readonly name: string;
  /** What it is, by the plan or as the node told: kind, addresses, other ends. */
  readonly description: string;
}

const LOOPBACK = { index: 1, name: 'lo', kind: 'loopback' } as const;

/** The interfaces of a lab: of each node those of the plan first, then what it had besides, in order of time. */
export class LabInterfaces {
  readonly #all = new Map<string, LabInterface>();
  readonly #bySeen = new Map<SeenDevice, LabInterface>();

  constructor(
    private readonly plan: LabPlan,
    private readonly devices: Devices,
    captures: readonly { readonly node: string; readonly devices: readonly DeviceChange[] }[],
  ) {
    for (const { node, devices } of captures) {
      this.#add(node, LOOPBACK.index, LOOPBACK.name, LOOPBACK.kind);
      for (const { index, endpoint } of plan.interfaces.values())
        if (endpoint.node === node) this.#add(node, index, endpoint.interface, 'veth');
      for (const { index, device } of devices)
        if (device !== null) this.#add(node, index, device.name, device.kind);
    }
  }

  get all(): readonly LabInterface[] {
    return [...this.#all.values()];
  }

  /** That on which a frame was seen, by the name that it had then. */
  of(node: string, frame: Frame): LabInterface {
    const { interfaceIndex: index } = frame;
    const seen = this.devices.of(node, frame);
    if (seen === null) return this.#add(node, index, `number-${index}`, 'unknown device');
    const known = this.#bySeen.get(seen) ?? this.#add(node, index, seen.name, '');
    this.#bySeen.set(seen, known);
    return known;
  }

  #add(node: string, index: number, name: string, kind: string): LabInterface {
    const key = `${node} ${index} ${name}`;
    const known = this.#all.get(key);
    if (known !== undefined) return known;
    const made = { node, index, name, description: this.#describe(node, index, name, kind) };
    this.#all.set(key, made);
    return made;
  }

  #describe(node: string, index: number, name: string, kind: string): string {
    const { topology } = this.plan.scenario;
    const planned = this.plan.interfaces.get(index);
    const isPlanned = planned?.endpoint.node === node && planned.endpoint.interface === name;
    const ends = isPlanned ? planned.neighbours.map(endpointText) : [];
    const addresses = topology.nodes
      .find((each) => each.name === node)
      ?.interfaces.find((each) => each.name === name)
      ?.addresses.map(({ address, prefixLength }) => `${address}/${prefixLength}`);
    return [
      `${kind} ${index}`.trim(),
      ...(addresses ?? []),
      ...(ends.length > 0 ? [`to ${ends.join(', ')}`] : []),
    ].join(', ');
  }
}
