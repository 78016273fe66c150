import type { Diagnosis, Repair } from '../model/diagnosis.js';
import { type Endpoint, endpointText } from '../model/topology.js';
import { decisionText } from './decision-text.js';
import type { CauseFinder, Facts } from './facts.js';
import { heldAddress } from './gateway.js';
import { byDevice, deviceAbove, gatewayRepair, givenBack, otherLinkRepair } from './neighbour-repair.js';
import { silenceOf } from './neighbour-silence.js';
import { isNear, type Question, questionOf } from './question.js';
import { nexthopsOf } from './rpdb.js';

/** The next hop was asked for in vain: nobody has the address, it is on another link, or who has it does not answer. */
export const neighbourUnresolved: CauseFinder = (facts) => {
  const question = questionOf(facts);
  if (question === null) return null;
  const holder = holderOf(facts, question.target);
  const former = holder === null ? formerHolder(facts, question) : null;
  if (former !== null) {
    return told(
      facts,
      question,
      `${endpointText(former)} does not have that address any more`,
      givenBack(facts, question, former),
    );
  }
  if (holder === null)
    return told(facts, question, 'nobody has that address', gatewayRepair(facts, question));
  if (!isNear(facts, question, holder)) {
    const where =
      holder.node === question.node ? 'its own address' : `on another link, that of ${endpointText(holder)}`;
    const why = `${ownGatewayText(facts, question)}that address is ${where}`;
    return told(facts, question, why, otherLinkRepair(facts, question));
  }
  return onPort(facts, question) ?? silent(facts, question, holder);
};

/** Where the gateway is an address of the node itself, for which it takes the destination for a neighbour. */
function ownGatewayText({ stateOf }: Facts, { node, device, decision }: Question): string {
  const state = stateOf(node);
  const hop = decision === null ? undefined : nexthopsOf(decision).find((each) => each.device === device);
  const gateway = hop?.gateway ?? null;
  const isOwn = state !== null && gateway !== null && heldAddress(state, gateway) !== null;
  return isOwn ? `the gateway ${gateway} is an address of ${node} itself, and ` : '';
}

function told(facts: Facts, question: Question, why: string, repair: Repair | null): Diagnosis {
  const { node, device, target, decision } = question;
  const nexthops = decision === null ? [] : nexthopsOf(decision);
  const asked = nexthops.some(({ gateway }) => gateway === target) ? `its gateway ${target}` : target;
  const by = decision === null ? '' : ` (${decisionText(decision)})`;
  const entry = facts
    .stateOf(node)
    ?.neighbours.find((each) => each.device === device && each.address === target);
  return {
    code: 'neighbour-unresolved',
    text: `${node} asked on ${device} for the layer-2 address of ${asked}${by}, and nobody answered: ${why}`,
    evidence: entry === undefined ? [] : [`${node}: ${target} dev ${device} ${entry.state}`],
    repair,
  };
}

/** Who has the address, by what the nodes say of themselves, else by the plan. */
function holderOf({ evidence, plan }: Facts, address: string): Endpoint | null {
  for (const { node, addresses } of evidence.states.values()) {
    const held = addresses.find((each) => each.address === address);
    if (held !== undefined) return { node, interface: held.device };
  }
  const known = (node: string) => evidence.states.has(node);
  const planned = [...plan.interfaces.values()].find(
    ({ endpoint, addresses }) =>
      !known(endpoint.node) && addresses.some((each) => each.split('/')[0] === address),
  );
  return planned?.endpoint ?? null;
}

/** Who had the address when its lab was made, and is on the link. */
function formerHolder(facts: Facts, question: Question): Endpoint | null {
  const had = [...facts.plan.interfaces.values()].find(
    ({ endpoint, addresses }) =>
      facts.evidence.states.has(endpoint.node) &&
      addresses.some((each) => each.split('/')[0] === question.target),
  );
  return had !== undefined && isNear(facts, question, had.endpoint) ? had.endpoint : null;
}

/** What comes in by a port belongs to the device above it, and so do answers to the port's own questions. */
function onPort(facts: Facts, question: Question): Diagnosis | null {
  const above = deviceAbove(facts, question);
  if (above === null) return null;
  const { device } = question;
  const why = `${device} is a port of ${above.name}, to which the answer belongs`;
  return told(facts, question, why, byDevice(facts, question, above.name));
}

/** Who answers for an address, as far as that can be told. */
function silent(facts: Facts, question: Question, holder: Endpoint): Diagnosis {
  const { node, device, target, family, source } = question;
  const asked = { family, target, source, asker: { node, interface: device } };
  const found = silenceOf(facts, asked, holder);
  return told(facts, question, found?.why ?? `${endpointText(holder)} did not answer`, found?.repair ?? null);
}
