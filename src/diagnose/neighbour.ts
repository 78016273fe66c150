import type { Diagnosis, Repair } from '../model/diagnosis.js';
import type { Passage } from '../model/evidence.js';
import type { Family } from '../model/family.js';
import { type Endpoint, endpointText } from '../model/topology.js';
import { contains, makePrefix, parseAddress } from '../net/address.js';
import { decisionText } from './decision-text.js';
import type { CauseFinder, Facts } from './facts.js';
import { deedAt, ipRepair, isOwn } from './repair.js';
import { type Decision, nexthopsOf } from './rpdb.js';
import { interfaceKey, sysctlOf } from './where.js';

/** A question for a layer-2 address that nobody answered. */
interface Question {
  readonly node: string;
  readonly device: string;
  readonly target: string;
  readonly family: Family;
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
    return told(facts, question, `that address is ${where}`, gatewayRepair(facts, question));
  }
  const silent = silenceOf(facts, question, holder);
  return silent ?? told(facts, question, `${endpointText(holder)} did not answer`, null);
};

function questionOf(facts: Facts): Question | null {
  const { lost, cause } = facts.result;
  if (lost?.reason !== 'neighbour-unresolved' || lost.interface === null) return null;
  const { node, interface: device } = lost;
  const passage =
    facts.passages.findLast((each) => each.node === node && each.out === null && each.end !== 'delivered') ??
    facts.stop;
  const decision = passage === null ? null : facts.decisionFor(passage);
  // What the judge saw asked: also where the decision is not known.
  const [, seen] = /layer-2 address of (\S+), and/.exec(cause?.text ?? '') ?? [];
  const target = seen ?? targetOf(decision, passage, device);
  if (target === null) return null;
  const family = target.includes(':') ? 6 : 4;
  const isBy = decision !== null && nexthopsOf(decision).some((each) => each.device === device);
  return { node, device, target, family, decision: isBy ? decision : null };
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

/** arp_ignore of who has the address: 8 answers for nothing, 1 and more not for what another interface has; ip-sysctl.rst. */
function silenceOf(
  facts: Facts,
  question: Question,
  { node, interface: device }: Endpoint,
): Diagnosis | null {
  if (question.family === 6) return null;
  const setting = Math.max(
    ...['all', device].map((each) => sysctlOf(facts, node, interfaceKey(4, each, 'arp_ignore'))),
  );
  if (setting === 0) return null;
  const settings = ['all', device].map((each) => [interfaceKey(4, each, 'arp_ignore'), '0'] as const);
  return told(facts, question, `${node}:${device} does not answer ARP for it (arp_ignore=${setting})`, {
    text: `let ${node} answer ARP`,
    deeds: [deedAt(facts, node, { kind: 'sysctl', settings })],
    isAdvice: isOwn(facts, node),
  });
}

/** The one router on the link as the gateway of the route that decided; null where there is none, or more than one. */
function gatewayRepair(facts: Facts, question: Question): Repair | null {
  const { node, device, family, decision } = question;
  if (decision?.end.kind !== 'route') return null;
  const { route, table } = decision.end;
  const routers = routersOn(facts, question);
  const [router] = routers;
  if (router === undefined || routers.length > 1 || route.nexthops.length > 1) return null;
  const metric = route.metric > 0 ? ` metric ${route.metric}` : '';
  const to = route.destination;
  const text = `make ${router} the gateway`;
  return ipRepair(facts, text, node, [
    ...(family === 6 ? [`route del ${to} dev ${device} table ${table}${metric}`] : []),
    `route ${family === 6 ? 'add' : 'replace'} ${to} via ${router} dev ${device} table ${table}${metric}`,
  ]);
}

/** Addresses of nodes that forward, in a subnet of the interface. */
function routersOn(facts: Facts, { node, device, family, target }: Question): readonly string[] {
  const { plan, stateOf } = facts;
  const own = (stateOf(node)?.addresses ?? []).flatMap((held) => {
    const address = parseAddress(held.address);
    const prefix = address === null ? null : makePrefix(address, held.prefixLength);
    return held.device === device && held.family === family && prefix !== null ? [prefix] : [];
  });
  const near = neighboursOf(facts, { node, device });
  const { nodes } = plan.scenario.topology;
  const found = nodes.flatMap((each) => {
    const key = family === 4 ? 'net.ipv4.ip_forward' : 'net.ipv6.conf.all.forwarding';
    const forwards = each.sysctls.some(([name, value]) => name === key && value === '1');
    if (!forwards) return [];
    const faces = each.interfaces.filter((one) =>
      near.includes(endpointText({ node: each.name, interface: one.name })),
    );
    return faces.flatMap(({ addresses }) => addresses.map(({ address }) => address));
  });
  return found.filter((text) => {
    const address = parseAddress(text);
    return text !== target && address !== null && own.some((prefix) => contains(prefix, address));
  });
}
