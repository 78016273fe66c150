import type { Repair } from '../model/diagnosis.js';
import type { NodeState } from '../model/evidence.js';
import { type Endpoint, endpointText } from '../model/topology.js';
import type { CauseFinder, Facts } from './facts.js';
import { neighboursOf } from './question.js';
import { ipRepair } from './repair.js';
import { holderOf, leftBy } from './where.js';

/**
 * A frame left a VLAN's device with its tag, and who is at the other end of the cable has no device for that tag: the kernel
 * gives it to nobody then; vlan_do_receive in net/8021q/vlan_core.c.
 */
export const vlanUnknown: CauseFinder = (facts) => {
  const left = leftBy(facts);
  const vlan = left === null ? null : vlanAt(facts.stateOf(left.node), left.interface);
  if (left === null || vlan === null) return null;
  const others = neighboursOf(facts, { node: left.node, interface: vlan.on });
  const [other] = others;
  if (other === undefined || !others.every((each) => isUnknown(facts, each, vlan.id))) return null;
  return {
    code: 'vlan-unknown',
    text: `${endpointText(left)} sent it with the tag of VLAN ${vlan.id}, for which ${others.map(endpointText).join(', ')} has no device`,
    evidence: [],
    repair: others.length === 1 ? withDevice(facts, other, vlan.id) : null,
  };
};

function vlanAt(state: NodeState | null, name: string) {
  return state?.devices.find((device) => device.name === name)?.vlan ?? null;
}

/** Whether a node, of which it is known what it has, has no device for the tag on that interface. */
function isUnknown({ stateOf }: Facts, { node, interface: on }: Endpoint, id: number): boolean {
  const state = stateOf(node);
  return state !== null && !state.devices.some(({ vlan }) => vlan?.on === on && vlan.id === id);
}

/** The device, with the address that was asked for where that is to be the node's. */
function withDevice(facts: Facts, { node, interface: on }: Endpoint, id: number): Repair {
  const { address, answeredBy, family } = facts.flow;
  const name = `vlan${id}`;
  const length = family === 6 ? 128 : 32;
  return ipRepair(facts, `have ${node} know VLAN ${id} on ${on}`, node, [
    `link add link ${on} name ${name} type vlan id ${id}`,
    `link set dev ${name} up`,
    ...(answeredBy === node && holderOf(facts, address) === null
      ? [`address add ${address}/${length} dev ${name}`]
      : []),
  ]);
}
