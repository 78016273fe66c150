import type { Diagnosis, Repair } from '../model/diagnosis.js';
import type { Passage } from '../model/evidence.js';
import type { Family } from '../model/family.js';
import { type Endpoint, endpointText } from '../model/topology.js';
import { askedIn, isSame, leadsTo, neighbourBy } from './asked.js';
import { decisionText } from './decision-text.js';
import type { CauseFinder, Facts } from './facts.js';
import { heldAddress, routersOn } from './gateway.js';
import { hopWords } from './hop-words.js';
import { knownRouter } from './known-router.js';
import { silenceOf } from './neighbour-silence.js';
import { routeBy } from './no-route.js';
import { ipRepair } from './repair.js';
import { type Decision, nexthopsOf } from './rpdb.js';

/** A question for a layer-2 address that nobody answered. */
interface Question {
  readonly node: string;
  readonly device: string;
  readonly target: string;
  readonly family: Family;
  /** Of the packet for which it asked; null where that is not known. */
  readonly source: string | null;
  /** The decision by which it was asked; null where it is not known. */
  readonly decision: Decision | null;
}

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
  const onLink = holder !== null && neighboursOf(facts, question).includes(endpointText(holder));
  if (holder === null)
    return told(facts, question, 'nobody has that address', gatewayRepair(facts, question));
  if (!onLink) {
    const where =
      holder.node === question.node ? 'its own address' : `on another link, that of ${endpointText(holder)}`;
    const why = `${ownGatewayText(facts, question)}that address is ${where}`;
    return told(facts, question, why, gatewayRepair(facts, question));
  }
  return silent(facts, question, holder);
};

/** Where the gateway is an address of the node itself, for which it takes the destination for a neighbour. */
function ownGatewayText({ stateOf }: Facts, { node, device, decision }: Question): string {
  const state = stateOf(node);
  const hop = decision === null ? undefined : nexthopsOf(decision).find((each) => each.device === device);
  const gateway = hop?.gateway ?? null;
  const isOwn = state !== null && gateway !== null && heldAddress(state, gateway) !== null;
  return isOwn ? `the gateway ${gateway} is an address of ${node} itself, and ` : '';
}

function questionOf(facts: Facts): Question | null {
  const { lost } = facts.result;
  if (lost?.reason !== 'neighbour-unresolved' || lost.interface === null) return null;
  const { node, interface: device } = lost;
  const passage =
    facts.passages.findLast((each) => each.node === node && each.out === null && each.end !== 'delivered') ??
    facts.stop;
  const decision = passage === null ? null : facts.decisionFor(passage);
  // What the judge saw asked: also where the decision is not known.
  const target = askedIn(facts.result) ?? targetOf(decision, passage, device);
  if (target === null) return null;
  const family = target.includes(':') ? 6 : 4;
  const source = passage?.packet.source ?? null;
  const question = { node, device, target, family, source } as const;
  // What is for the node itself is to be translated back, nobody knows where to.
  if (decision === null || isLocal(decision)) return { ...question, decision: null };
  // The judge knows a packet's question by time alone, and another's may have been near.
  return leadsTo(facts.stateOf(node), decision, device, target) ? { ...question, decision } : null;
}

function isLocal({ end }: Decision): boolean {
  return end.kind === 'route' && end.route.type === 'local';
}

function targetOf(decision: Decision | null, passage: Passage | null, device: string): string | null {
  const nexthop = decision === null ? null : nexthopsOf(decision).find((each) => each.device === device);
  return nexthop?.gateway ?? passage?.packet.destination ?? null;
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
  const near = neighboursOf(facts, question);
  return had !== undefined && near.includes(endpointText(had.endpoint)) ? had.endpoint : null;
}

function givenBack(
  facts: Facts,
  { target, family }: Question,
  { node, interface: device }: Endpoint,
): Repair | null {
  const face = facts.plan.scenario.topology.nodes
    .find(({ name }) => name === node)
    ?.interfaces.find(({ name }) => name === device);
  const length = face?.addresses.find(({ address }) => address === target)?.prefixLength;
  if (length === undefined) return null;
  const nodad = family === 6 ? ' nodad' : '';
  const isUp = facts
    .stateOf(node)
    ?.devices.some(({ name, flags }) => name === device && flags.includes('UP'));
  return ipRepair(facts, `give ${target} back to ${node}`, node, [
    ...(isUp === false ? [`link set dev ${device} up`] : []),
    `address add ${target}/${length} dev ${device}${nodad}`,
  ]);
}

function neighboursOf(
  { plan }: Facts,
  { node, device }: Pick<Question, 'node' | 'device'>,
): readonly string[] {
  const own = [...plan.interfaces.values()].find(
    ({ endpoint }) => endpoint.node === node && endpoint.interface === device,
  );
  return own?.neighbours.map(endpointText) ?? [];
}

/** Who answers for an address, as far as that can be told. */
function silent(facts: Facts, question: Question, holder: Endpoint): Diagnosis {
  const { node, device, target, family, source } = question;
  const asked = { family, target, source, asker: { node, interface: device } };
  const found = silenceOf(facts, asked, holder);
  return told(facts, question, found?.why ?? `${endpointText(holder)} did not answer`, found?.repair ?? null);
}

/** A gateway that is on the link: of the route that decided, or of a new one where none did. */
function gatewayRepair(facts: Facts, { node, device, family, target, decision }: Question): Repair | null {
  const state = facts.stateOf(node);
  if (decision === null || state === null) return null;
  const { end, query } = decision;
  if (end.kind === 'assumed') return routeBy(facts, state, decision, query.destination, end.device);
  if (end.kind !== 'route') return null;
  const { route, table } = end;
  const routers = routersOn(facts, state, device).filter((each) => each !== target);
  const known = knownRouter(facts, state, device, query.destination);
  const router = routers.find((each) => each === known) ?? routers[0] ?? known;
  if (router === null || router === target) return null;
  const metric = route.metric > 0 ? ` metric ${route.metric}` : '';
  const to = route.destination;
  // The others of several next hops stay as they are.
  const hops = route.nexthops.map((hop) => {
    const isAsked =
      hop.device === device && isSame(neighbourBy(state, hop.gateway, query.destination), target);
    return hopWords(state, family, isAsked ? { device, gateway: router } : hop, table);
  });
  const ways = hops.length > 1 ? hops.map((hop) => `nexthop ${hop}`) : hops;
  const repair = ipRepair(facts, `make ${router} the gateway`, node, [
    ...(family === 6 ? [`route del ${to} table ${table}${metric}`] : []),
    `route ${family === 6 ? 'add' : 'replace'} ${to} table ${table}${metric} ${ways.join(' ')}`,
  ]);
  return { ...repair, isAdvice: repair.isAdvice && (routers.length === 1 || router === known) };
}
