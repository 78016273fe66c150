import type { FlowResult } from '../../model/flow-result.js';
import type { ExpectedSpread, Spread, SpreadPart } from '../../model/spread.js';
import { type Line, span, words } from './line.js';
import { FIELDS, type Field, passage } from './way.js';

/** Parts that are told one by one. */
const MOST_PARTS = 8;

/** `200 tuples: out eth1 ×146, eth0 ×54; reply in eth1 ×146, eth0 ×54`: the ways at the judged node, counted. */
export function spreadWay({ role }: Pick<FlowResult, 'role'>, spread: Spread): Line {
  const fields = FIELDS[role];
  const request = fields.request.flatMap((field) => countedText(spread, 'request', field));
  const reply = fields.reply.flatMap((field) => countedText(spread, 'reply', field));
  const ways = [request.join(', '), reply.length === 0 ? '' : `reply ${reply.join(', ')}`];
  const text = ways.filter((each) => each !== '').join('; ');
  return [span(`${spread.tuples} tuples${text === '' ? '' : ': '}`), span(text, 'strong')];
}

function countedText({ by, tuples }: Spread, leg: 'request' | 'reply', field: Field): readonly string[] {
  const counts = new Map<string, number>();
  for (const part of by) {
    const value = part[leg][field];
    if (value !== null) counts.set(value, (counts.get(value) ?? 0) + part.tuples);
  }
  if (counts.size === 0) return [];
  const values = [...counts].map(([value, count]) => (count === tuples ? value : `${value} ×${count}`));
  return [`${field} ${values.join(', ')}`];
}

/** A paragraph for each way that tuples went, and what draws the same source ports again. */
export function spreadDetails(
  { role }: Pick<FlowResult, 'role'>,
  { by, seed, strayed }: Spread,
): readonly { readonly label: string; readonly pieces: readonly Line[] }[] {
  const rest = by.slice(MOST_PARTS).reduce((sum, { tuples }) => sum + tuples, 0);
  const parts = [
    ...by.slice(0, MOST_PARTS).map((part) => partPieces(role, part)),
    ...(rest === 0 ? [] : [words(`${rest} in other ways`)]),
  ];
  return [
    ...parts.map((pieces) => ({ label: 'spread', pieces })),
    ...(strayed === 0
      ? []
      : [{ label: 'strayed', pieces: words(`${strayed}, of which packets went different ways`) }]),
    { label: 'seed', pieces: words(`${seed} (--seed ${seed} draws the same source ports)`) },
  ];
}

function partPieces(
  role: FlowResult['role'],
  { request, reply, verdict, tuples }: SpreadPart,
): readonly Line[] {
  const ways = [
    ['request', passage({ ...request, unresolved: null }, FIELDS[role].request)],
    ['reply', passage({ ...reply, unresolved: null }, FIELDS[role].reply)],
  ] as const;
  const known = ways.filter(([, way]) => way.length > 0);
  return [
    ...words(`${tuples} ${verdict}${known.length === 0 ? '' : ':'}`),
    ...known.map(([leg, way], index) => [span(`${leg} `), ...way, span(index < known.length - 1 ? ',' : '')]),
  ];
}

/** `request.out eth0 1 : eth1 3`, `request.out one`. */
export function expectedSpreadText({ by, share }: ExpectedSpread): string {
  if (share === 'one') return `${by} one`;
  const weights = Object.entries(share).map(([value, weight]) => `${value} ${weight}`);
  return `${by} ${weights.join(' : ')}`;
}
