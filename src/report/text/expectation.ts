import type { Expectation, ExpectedDirection } from '../../model/scenario.js';
import { expectedSpreadText } from './spread.js';

/** An expectation in one line: `asymmetric, request in eth1, reply out eth0 via isp1:lan`. */
export function expectedText(expected: Expectation): string {
  const parts: string[] = [expected.verdict];
  if (expected.by !== undefined) parts.push(`by ${expected.by}`);
  if (expected.errno !== undefined) parts.push(expected.errno);
  parts.push(...direction('request', expected.request), ...direction('reply', expected.reply));
  if (expected.reply?.source !== undefined) parts.push(`from ${expected.reply.source}`);
  if (expected.sameNexthop !== undefined) {
    parts.push(expected.sameNexthop ? 'by the same next hop' : 'by another next hop');
  }
  const lost = lostText(expected.lost);
  if (lost !== '') parts.push(lost);
  if (expected.spread !== undefined) parts.push(expectedSpreadText(expected.spread));
  if (expected.cause !== undefined) parts.push(`cause ${expected.cause}`);
  return parts.join(', ');
}

function direction(label: string, expected: ExpectedDirection | undefined): readonly string[] {
  if (expected === undefined) return [];
  const parts: string[] = [];
  if (expected.in !== undefined) parts.push(`in ${expected.in}`);
  if (expected.out !== undefined) parts.push(`out ${expected.out}`);
  if (expected.nexthop === null) parts.push('next hop unresolved');
  else if (expected.nexthop !== undefined) parts.push(`via ${expected.nexthop}`);
  if (expected.vlan !== undefined) parts.push(`VLAN ${expected.vlan ?? 'none'}`);
  if (expected.passes !== undefined) parts.push(`passing ${expected.passes.join(' → ')}`);
  return parts.length === 0 ? [] : [`${label} ${parts.join(' ')}`];
}

function lostText(lost: Expectation['lost']): string {
  if (lost === undefined) return '';
  const parts: string[] = [];
  if (lost.node !== undefined || lost.interface !== undefined) {
    parts.push(`at ${lost.node ?? '*'}${lost.interface === undefined ? '' : `:${lost.interface}`}`);
  }
  if (lost.direction !== undefined) parts.push(`going ${lost.direction}`);
  if (lost.reason !== undefined) parts.push(`(${lost.reason})`);
  return `lost ${parts.join(' ')}`.trimEnd();
}
