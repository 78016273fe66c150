import type { DirectionReport, FlowResult } from '../../model/flow-result.js';
import type { Expectation } from '../../model/scenario.js';
import type { Role } from '../../model/verdict.js';
import { type Line, span } from './line.js';

export type Field = 'in' | 'out';

/** The interfaces that the rule of each role compares (CONTRACTS, "Flow, role, interfaces"). */
export const FIELDS: Readonly<Record<Role, { request: readonly Field[]; reply: readonly Field[] }>> = {
  responder: { request: ['in'], reply: ['out'] },
  forwarder: { request: ['in', 'out'], reply: ['in', 'out'] },
  initiator: { request: ['out'], reply: ['in'] },
};

type Seen = Pick<DirectionReport, 'in' | 'out' | 'nexthop' | 'unresolved'>;

type Way = Pick<FlowResult, 'role' | 'at' | 'to'> & { readonly request: Seen; readonly reply: Seen };

/**
 * The way through the judged node: `in eth1, out eth0 (via isp1:lan)`. The first half is the
 * request's and the second the reply's (for an initiator the request goes out before the reply
 * comes in); a forwarder shows four interfaces and says where the reply's begin.
 */
export function way(flow: Way): Line {
  const fields = FIELDS[flow.role];
  const request = passage(flow.request, fields.request);
  const reply = passage(flow.reply, fields.reply);
  const parts = [...request];
  if (reply.length > 0 && flow.role === 'forwarder') {
    if (parts.length > 0) parts.push(span('; '));
    parts.push(span('reply '), ...reply);
  } else if (reply.length > 0) {
    if (parts.length > 0) parts.push(span(', '));
    parts.push(...reply);
  }
  if (parts.length === 0) return [];
  return isJudgedElsewhere(flow) ? [span(`at ${flow.at}: `, 'faint'), ...parts] : parts;
}

/** Whether the judged node is another than the one that is asked, so that a reader must be told. */
function isJudgedElsewhere(flow: Pick<FlowResult, 'role' | 'at' | 'to'>): boolean {
  return flow.role !== 'responder' || !flow.to.startsWith(`${flow.at}:`);
}

/** `in eth1, out eth0 (via isp1:lan)`, as far as it is known. */
export function passage(seen: Seen, fields: readonly Field[]): Line {
  return fields.flatMap((field) => {
    const name = seen[field];
    if (name === null) return [];
    const via = field === 'out' ? nexthop(seen) : [];
    const separator = field === 'out' && fields.includes('in') && seen.in !== null ? [span(', ')] : [];
    return [...separator, span(`${field} `), span(name, 'strong'), ...via];
  });
}

function nexthop(seen: Seen): Line {
  if (seen.nexthop !== null) return [span(' (via '), span(seen.nexthop, 'strong'), span(')')];
  if (seen.unresolved !== null)
    return [span(' ('), span(`${seen.unresolved} unresolved`, 'strong'), span(')')];
  return [];
}

/** Names both directions and whatever the expectation names, so that it can be laid beside `expectedText`. */
export function seenDirections(flow: FlowResult): readonly string[] {
  return [
    ...direction('request', flow.request, named(FIELDS[flow.role].request, flow.expected.request)),
    ...direction('reply', flow.reply, named(FIELDS[flow.role].reply, flow.expected.reply)),
  ];
}

function named(fields: readonly Field[], expected: Expectation['request']): readonly Field[] {
  const both: readonly Field[] = ['in', 'out'];
  return both.filter((field) => fields.includes(field) || expected?.[field] !== undefined);
}

function direction(label: string, seen: Seen, fields: readonly Field[]): readonly string[] {
  const parts = fields.flatMap((field) => {
    const name = seen[field];
    if (name === null) return [];
    return [field === 'out' ? `out ${name}${via(seen.nexthop, seen.unresolved)}` : `in ${name}`];
  });
  return parts.length === 0 ? [] : [`${label} ${parts.join(' ')}`];
}

function via(nexthop: string | null, unresolved: string | null): string {
  if (nexthop !== null) return ` via ${nexthop}`;
  return unresolved === null ? '' : ` (next hop ${unresolved} unresolved)`;
}
