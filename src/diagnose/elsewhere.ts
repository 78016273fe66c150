import type { Repair } from '../model/diagnosis.js';
import type { CauseFinder, Facts } from './facts.js';
import { isOwn, shellDeed } from './repair.js';

/** A node answered in the place of the one that was to: it has the address asked, and nothing sends the packet on. */
export const answeredElsewhere: CauseFinder = (facts) => {
  const { result, flow, evidence } = facts;
  const isRefused = result.verdict === 'refused' && flow.answeredBy !== null;
  if (result.cause?.code !== 'answered-elsewhere' && !isRefused) return null;
  const holder = [...evidence.states.values()].find(({ addresses }) =>
    addresses.some(({ address }) => address === flow.address),
  );
  if (holder === undefined || holder.node === flow.answeredBy) return null;
  if (isRefused && holder.node !== result.by) return null;
  const said = result.cause?.text ?? `${holder.node} refused it itself`;
  const device = holder.addresses.find(({ address }) => address === flow.address)?.device;
  return {
    code: 'answered-elsewhere',
    text: `${said}: ${holder.node} has ${flow.address} itself, on ${device}, and does not translate it`,
    evidence: result.cause?.evidence ?? [],
    repair: translated(facts, holder.node),
  };
};

/** To the first address of the node that is to answer. */
function translated(facts: Facts, node: string): Repair | null {
  const { flow, plan } = facts;
  const answering = plan.scenario.topology.nodes.find(({ name }) => name === flow.answeredBy);
  const to = answering?.interfaces
    .flatMap(({ addresses }) => addresses)
    .find(({ family }) => family === flow.family)?.address;
  if (to === undefined) return null;
  const ip = flow.family === 4 ? 'ip' : 'ip6';
  const script = [
    'nft add table inet translated',
    "nft add chain inet translated prerouting '{ type nat hook prerouting priority -110; }'",
    `nft add rule inet translated prerouting ${ip} daddr ${flow.address} dnat ${ip} to ${to}`,
  ].join('\n');
  return {
    text: `translate ${flow.address} to ${to}`,
    deeds: [shellDeed(facts, node, script)],
    isAdvice: isOwn(facts, node),
  };
}
