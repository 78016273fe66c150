import type { DirectionReport, FlowResult } from '../model/flow-result.js';
import type { Expectation, ExpectedDirection } from '../model/scenario.js';
import { streamDifferences } from './stream-expectation.js';

/** What is compared; the rest of a result follows from it. */
export type Observed = Pick<
  FlowResult,
  'verdict' | 'request' | 'reply' | 'sameNexthop' | 'by' | 'errno' | 'lost' | 'cause' | 'stream'
>;

/** What differs from an expectation, in a sentence each. An inconclusive flow never is as expected (CONTRACTS). */
export function differencesFrom(expected: Expectation, observed: Observed): string[] {
  if (observed.verdict === 'inconclusive') {
    return [
      `verdict is inconclusive, expected ${expected.verdict}: ${observed.cause?.text ?? 'no capture proves it'}`,
    ];
  }
  const { request, reply, lost } = expected;
  return [
    ...compare('verdict', observed.verdict, expected.verdict),
    ...compareDirection('request', observed.request, request),
    ...compareDirection('reply', observed.reply, reply),
    ...compare('reply.source', observed.reply.source, reply?.source),
    ...compareNexthops(observed, expected),
    ...compare('by', observed.by, expected.by),
    ...compare('errno', observed.errno, expected.errno),
    ...compare('lost.node', observed.lost?.node, lost?.node),
    ...compare('lost.interface', observed.lost?.interface, lost?.interface),
    ...compare('lost.direction', observed.lost?.direction, lost?.direction),
    ...compare('lost.reason', observed.lost?.reason, lost?.reason),
    ...compare('cause', observed.cause?.code, expected.cause),
    ...streamDifferences(observed.stream ?? null, expected.stream),
  ];
}

function compareDirection(
  name: string,
  observed: DirectionReport,
  expected: ExpectedDirection | undefined,
): string[] {
  if (expected === undefined) return [];
  return [
    ...compare(`${name}.in`, observed.in, expected.in),
    ...compare(`${name}.out`, observed.out, expected.out),
    ...compareNexthop(`${name}.nexthop`, observed, expected.nexthop),
    ...compareTag(`${name}.vlan`, observed.vlan, expected.vlan),
    ...compareHops(name, observed, expected.passes ?? []),
  ];
}

function compareNexthop(
  name: string,
  observed: DirectionReport,
  expected: string | null | undefined,
): string[] {
  if (expected !== null) return compare(name, observed.nexthop, expected);
  if (observed.nexthop !== null) return [`${name} is ${observed.nexthop}, expected unresolved`];
  return observed.unresolved === null
    ? [`${name} is none, and no address was asked for in vain, expected unresolved`]
    : [];
}

function compareTag(name: string, observed: number | null, expected: number | null | undefined): string[] {
  return expected === undefined || observed === expected
    ? []
    : [`${name} is ${observed ?? 'none'}, expected ${expected ?? 'none'}`];
}

/** The hops that are expected, in their order, with any number of others between them. */
function compareHops(name: string, { path }: DirectionReport, expected: readonly string[]): string[] {
  let position = 0;
  for (const wanted of expected) {
    const found = path.findIndex((hop, at) => at >= position && `${hop.node}:${hop.interface}` === wanted);
    if (found >= 0) {
      position = found + 1;
      continue;
    }
    const after = wanted === expected[0] ? '' : ` after ${expected[expected.indexOf(wanted) - 1]}`;
    return [`${name} does not pass ${wanted}${after}`];
  }
  return [];
}

/** Told only where the verdict is as expected: otherwise it follows from what is told already. */
function compareNexthops(
  { verdict, sameNexthop, request, reply }: Observed,
  expected: Expectation,
): string[] {
  const { sameNexthop: wanted } = expected;
  if (wanted === undefined || verdict !== expected.verdict) return [];
  if (wanted ? sameNexthop !== false : sameNexthop === false) return [];
  const ways = [
    ['the request came from', request.previousHop],
    ['the request went to', request.nexthop],
    ['the reply came from', reply.previousHop],
    ['the reply went to', reply.nexthop],
  ].flatMap(([text, hop]) => (hop === null ? [] : [`${text} ${hop}`]));
  return [`sameNexthop is ${sameNexthop ?? 'unknown'}, expected ${wanted}: ${ways.join(', ')}`];
}

function compare(name: string, observed: string | null | undefined, expected: string | undefined): string[] {
  if (expected === undefined || observed === expected) return [];
  return [`${name} is ${observed ?? 'none'}, expected ${expected}`];
}
