import type { FlowResult, Loss, PacketVerdict } from '../../model/flow-result.js';
import { LOSS_REASONS } from '../../model/verdict.js';
import { connectionText } from './connection.js';
import { expectedText } from './expectation.js';
import type { Leg } from './expected-way.js';
import { type Line, line, plain, type Tone, words } from './line.js';
import { pathPieces } from './path.js';
import { refusalText } from './refusal.js';
import { spreadDetails, spreadWay } from './spread.js';
import { suggestionDetail } from './suggestion.js';
import { seenDirections, way } from './way.js';
import { wrongHops } from './wrong-hop.js';

/** A flow in one line, cut into the columns that a list of flows aligns. */
export interface FlowColumns {
  readonly ends: Line;
  readonly probe: Line;
  readonly family: Line;
  readonly way: Line;
  readonly verdict: Line;
  /** What the verdict's name leaves open; empty where that is nothing. */
  readonly remark: Line;
}

/** A labelled paragraph below a flow. */
export interface Detail {
  readonly label: string;
  readonly pieces: readonly Line[];
}

export function flowColumns(flow: FlowResult): FlowColumns {
  return {
    ends: line(`${flow.from} → ${flow.to}`),
    probe: line(flow.probe),
    family: line(`IPv${flow.family}`),
    way: flow.spread ? spreadWay(flow, flow.spread) : way(flow),
    verdict: line(flow.verdict, verdictTone(flow)),
    remark: remark(flow),
  };
}

function verdictTone(flow: FlowResult): Tone {
  if (flow.status === 'passed') return 'good';
  return flow.verdict === 'inconclusive' ? 'doubt' : 'bad';
}

/** `by isp2 (ICMP 3/13 administratively prohibited)`, `at isp1:lan`, `(ENETUNREACH)`. */
function remark(flow: FlowResult): Line {
  const more = inBrackets(flow);
  const parts = [
    ...(flow.by === null ? [] : [`by ${flow.by}`]),
    ...(flow.lost === null ? [] : [`at ${place(flow.lost)}`]),
    ...(more === null ? [] : [`(${more})`]),
  ];
  return parts.length === 0 ? [] : line(parts.join(' '));
}

function inBrackets(flow: FlowResult): string | null {
  if (flow.refusal !== null) return refusalText(flow.refusal);
  if (flow.errno !== null) return flow.errno;
  if (flow.lost?.reason === 'not-taken') return 'answer not taken';
  if (flow.verdict === 'symmetric') return flow.sameNexthop === false ? 'by another next hop' : null;
  if (flow.verdict === 'asymmetric') return flow.intended ? 'intended' : null;
  if (flow.verdict === 'wrong-source') return flow.reply.source;
  return flow.lost === null && flow.cause !== null ? flow.cause.code : null;
}

/** `expected` and `seen` name the same things in the same order, to be read one above the other. */
export function comparison(flow: FlowResult): { readonly expected: string; readonly seen: string } {
  const seen: string[] = [flow.verdict];
  if (flow.by !== null) seen.push(`by ${flow.by}`);
  if (flow.errno !== null) seen.push(flow.errno);
  seen.push(...(flow.spread ? [plain(spreadWay(flow, flow.spread))] : seenDirections(flow)));
  if (flow.reply.source !== null && flow.reply.asAsked === false) seen.push(`from ${flow.reply.source}`);
  if (flow.verdict === 'symmetric' && flow.sameNexthop === false) seen.push('by another next hop');
  return { expected: expectedText(flow.expected), seen: seen.join(', ') };
}

/** All that explains a flow that is not as expected. */
export function failureDetails(flow: FlowResult): readonly Detail[] {
  const { expected, seen } = comparison(flow);
  return [
    { label: 'expected', pieces: words(expected) },
    { label: 'seen', pieces: words(seen) },
    ...flow.differences.map((sentence) => ({ label: 'differs', pieces: words(sentence, 'bad') })),
    ...wayDetails(flow),
  ];
}

/**
 * Both paths with what is wrong in them, the place of a loss, the cause with what it rests on and what would change it,
 * and the counts.
 *
 * @param evidence lines of it at most.
 */
export function wayDetails(flow: FlowResult, evidence = Number.POSITIVE_INFINITY): readonly Detail[] {
  const path = (leg: Leg, lost: boolean): Detail => ({
    label: leg,
    pieces: pathPieces(flow[leg].path, lost, wrongHops(flow, leg)),
  });
  const details: Detail[] = flow.spread ? [...spreadDetails(flow, flow.spread)] : [];
  details.push(path('request', flow.verdict === 'request-lost'));
  if (flow.reply.path.length > 0) details.push(path('reply', flow.verdict === 'reply-lost'));
  if (flow.lost !== null) details.push({ label: 'lost', pieces: words(lossText(flow.lost)) });
  if (flow.refusal !== null) details.push({ label: 'refusal', pieces: words(refusalText(flow.refusal)) });
  if (flow.cause !== null) {
    details.push({ label: 'cause', pieces: words(`${flow.cause.text} (${flow.cause.code})`) });
    const shown = flow.cause.evidence.slice(0, evidence);
    details.push(...shown.map((text) => ({ label: 'evidence', pieces: words(text) })));
  }
  if (flow.suggestion) details.push(suggestionDetail(flow.suggestion));
  for (const connection of flow.connections ?? [])
    details.push({ label: 'tracked', pieces: words(connectionText(connection)) });
  if (flow.packets.length > 0) details.push({ label: 'packets', pieces: words(packetsText(flow.packets)) });
  if (flow.received !== flow.sent || flow.duplicates > 0) {
    details.push({ label: 'counts', pieces: words(countsText(flow)) });
  }
  return details;
}

function lossText(lost: Loss): string {
  return `${place(lost)}, going ${lost.direction}: ${LOSS_REASONS[lost.reason]} (${lost.reason})`;
}

function place(lost: Loss): string {
  return lost.interface === null ? lost.node : `${lost.node}:${lost.interface}`;
}

/** `1-3 symmetric, 4 reply-lost`: runs of packets that agree. */
export function packetsText(packets: readonly PacketVerdict[]): string {
  const runs: { first: number; last: number; verdict: string }[] = [];
  for (const { sequence, verdict } of packets) {
    const run = runs.at(-1);
    if (run?.verdict === verdict && run.last + 1 === sequence) run.last = sequence;
    else runs.push({ first: sequence, last: sequence, verdict });
  }
  return runs
    .map((run) => `${run.first === run.last ? run.first : `${run.first}-${run.last}`} ${run.verdict}`)
    .join(', ');
}

function countsText(flow: FlowResult): string {
  const duplicates = flow.duplicates === 0 ? '' : `, ${flow.duplicates} duplicated`;
  return `${flow.sent} sent, ${flow.received} answered${duplicates}`;
}
