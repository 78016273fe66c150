import type { FlowResult } from '../../model/flow-result.js';
import { expectedWay, type Leg } from './expected-way.js';

/** One property of a flow, as expected and as seen. */
export interface Compared {
  readonly label: string;
  readonly expected: string;
  readonly seen: string;
  readonly differs: boolean;
}

/** What a failed flow was expected to be beside what it was: the scenario's words, and what follows from them. */
export function comparedProperties(flow: FlowResult): readonly Compared[] {
  const { expected, lost } = flow;
  const verdict = compare('verdict', expected.verdict, flow.verdict);
  if (flow.verdict === 'inconclusive') return [{ ...verdict, differs: true }];
  return [
    verdict,
    ...directionRows(flow, 'request'),
    ...directionRows(flow, 'reply'),
    ...sourceRows(flow),
    ...nexthopRows(flow),
    ...named('by', expected.by, flow.by),
    ...named('errno', expected.errno, flow.errno),
    ...named('lost node', expected.lost?.node, lost?.node),
    ...named('lost interface', expected.lost?.interface, lost?.interface),
    ...named('lost going', expected.lost?.direction, lost?.direction),
    ...named('lost because', expected.lost?.reason, lost?.reason),
    ...named('cause', expected.cause, flow.cause?.code),
  ];
}

function compare(label: string, expected: string, seen: string): Compared {
  return { label, expected, seen, differs: expected !== seen };
}

function tagText(tag: number | null | undefined): string | undefined {
  return tag === null ? 'none' : tag?.toString();
}

/** What the scenario does not name is not compared. */
function named(
  label: string,
  expected: string | undefined,
  seen: string | null | undefined,
): readonly Compared[] {
  return expected === undefined ? [] : [compare(label, expected, seen ?? 'none')];
}

function directionRows(flow: FlowResult, leg: Leg): readonly Compared[] {
  const seen = flow[leg];
  const way = expectedWay(flow)[leg];
  const written = flow.expected[leg];
  // What only follows from the verdict is worth a row where it is wrong, and not where nothing came.
  const field = (key: 'in' | 'out') =>
    named(`${leg} ${key}`, way[key], seen[key]).filter(
      ({ differs }) => written?.[key] !== undefined || (differs && seen[key] !== null),
    );
  const nexthop = seen.nexthop ?? (seen.unresolved === null ? 'none' : 'unresolved');
  return [
    ...field('in'),
    ...field('out'),
    ...named(`${leg} via`, way.nexthop === null ? 'unresolved' : way.nexthop, nexthop),
    ...named(`${leg} VLAN`, tagText(written?.vlan), tagText(seen.vlan)),
  ];
}

function sourceRows({ expected, verdict, reply }: FlowResult): readonly Compared[] {
  const written = expected.reply?.source;
  if (written !== undefined) return named('reply from', written, reply.source);
  const isWrong = verdict === 'wrong-source' && expected.verdict !== verdict && reply.source !== null;
  return isWrong ? named('reply from', 'the address asked', reply.source) : [];
}

/** As it is judged: only where the verdict is as expected, for otherwise it follows from the rest. */
function nexthopRows({ expected, verdict, sameNexthop }: FlowResult): readonly Compared[] {
  const wanted = expected.sameNexthop;
  if (wanted === undefined || verdict !== expected.verdict) return [];
  const seen = { true: 'the same', false: 'another', null: 'unknown' }[`${sameNexthop}`];
  const differs = wanted ? sameNexthop === false : sameNexthop !== false;
  return [{ label: 'next hop', expected: wanted ? 'the same' : 'another', seen, differs }];
}
