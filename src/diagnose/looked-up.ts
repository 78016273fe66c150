import type { FlowEvidence, LookUp, Passage } from '../model/evidence.js';

/** What a node's kernel answered when it was asked for the way of a packet, with each mark that was tried. */
export function answersFor({ lookUps }: FlowEvidence, { node, leg }: Passage): readonly LookUp[] {
  return lookUps.filter((each) => each.node === node && each.leg === leg && each.purpose === 'way');
}

/** Whether an answer leads out of the device by which the packet went. */
export function agrees({ answer }: LookUp, { out }: Passage): boolean {
  return answer.kind === 'route' && answer.device === out;
}

/**
 * The mark with which a packet was looked up: as the repeat traced it, else the only one with which the kernel's answer
 * leads where it went. Null where it is not known.
 */
export function lookedUpWith(evidence: FlowEvidence, passage: Passage): number | null {
  const { node, leg, in: entered } = passage;
  const hook = entered === null ? 'output' : 'prerouting';
  const traced = evidence.repeat?.marks.findLast(
    (each) => each.node === node && each.leg === leg && each.hook === hook,
  );
  if (traced !== undefined) {
    const leads = (mark: number) =>
      answersFor(evidence, passage).some((each) => each.mark === mark && agrees(each, passage));
    // What a node makes is routed ahead of its output chains, and anew behind them only by a chain of type route; nft(8).
    return entered === null && !leads(traced.mark) && leads(0) ? 0 : traced.mark;
  }
  const leading = answersFor(evidence, passage).filter((each) => agrees(each, passage));
  const [first, ...others] = leading.map(({ mark }) => mark);
  return first !== undefined && others.every((mark) => mark === first) ? first : null;
}
