import type { Family } from '../model/family.js';
import type { DirectionReport, FlowResult } from '../model/flow-result.js';
import type { Role, VerdictName } from '../model/verdict.js';

/** A flow of a scenario file with what it is expected to do. */
export interface ExpectedFlow {
  readonly from: string;
  readonly to: string;
  /** Null for every family that the asked interface has. */
  readonly family: Family | null;
  readonly probe: string;
  readonly expect: WrittenExpectation;
}

/** As a scenario file has it: a verdict alone, or a map. */
export type WrittenExpectation = VerdictName | Readonly<Record<string, unknown>>;

/**
 * What was seen of flows, as what is expected of them from now on: one entry where all families agree.
 *
 * @param family to which the flows were restricted, or null
 */
export function recordedFlows(flows: readonly FlowResult[], family: Family | null): ExpectedFlow[] {
  const groups = new Map<string, FlowResult[]>();
  for (const flow of flows) {
    const key = JSON.stringify([flow.from, flow.to, flow.probe]);
    groups.set(key, [...(groups.get(key) ?? []), flow]);
  }
  return [...groups.values()].flatMap((group) => {
    const entries = group.map((flow) => ({ ...basicsOf(flow), family: flow.family, expect: recorded(flow) }));
    const [first] = entries;
    const agree = entries.every(({ expect }) => JSON.stringify(expect) === JSON.stringify(first?.expect));
    return first !== undefined && agree ? [{ ...first, family }] : entries;
  });
}

function basicsOf({ from, to, probe }: FlowResult): Pick<FlowResult, 'from' | 'to' | 'probe'> {
  return { from, to, probe };
}

/** The verdict, and the ways as far as they are of the judged node's role; what tells one fault from another. */
function recorded(flow: FlowResult): WrittenExpectation {
  const { verdict, sameNexthop, by, errno, lost, cause, reply } = flow;
  if (verdict === 'symmetric' && sameNexthop !== false) return 'symmetric';
  if (verdict === 'mixed') return 'mixed';
  const details = {
    ...entry('request', wayOf(flow.request, REQUEST[flow.role])),
    ...entry('reply', {
      ...wayOf(reply, REPLY[flow.role]),
      ...(verdict === 'wrong-source' && reply.source !== null ? { source: reply.source } : {}),
    }),
    ...(verdict === 'symmetric' ? { sameNexthop: false } : {}),
    ...(by === null ? {} : { by }),
    ...(errno === null ? {} : { errno }),
    ...(lost === null
      ? {}
      : { lost: { node: lost.node, ...(lost.interface && { interface: lost.interface }) } }),
    ...(cause === null ? {} : { cause: cause.code }),
  };
  return Object.keys(details).length === 0 ? verdict : { verdict, ...details };
}

type Side = 'in' | 'out';

/** The interfaces that the contract judges a role by. */
const REQUEST: Readonly<Record<Role, readonly Side[]>> = {
  responder: ['in'],
  forwarder: ['in', 'out'],
  initiator: ['out'],
};
const REPLY: Readonly<Record<Role, readonly Side[]>> = {
  responder: ['out'],
  forwarder: ['in', 'out'],
  initiator: ['in'],
};

function wayOf(way: DirectionReport, sides: readonly Side[]): Readonly<Record<string, string>> {
  const seen = sides.flatMap((side) => (way[side] === null ? [] : [[side, way[side]] as const]));
  const hasOut = seen.some(([side]) => side === 'out');
  return { ...Object.fromEntries(seen), ...(hasOut && way.nexthop !== null ? { nexthop: way.nexthop } : {}) };
}

function entry(key: string, value: Readonly<Record<string, string>>): Readonly<Record<string, unknown>> {
  return Object.keys(value).length === 0 ? {} : { [key]: value };
}
