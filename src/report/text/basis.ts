import type { Explanation } from '../../model/explanation.js';
import { type Line, words } from './line.js';

/** What an explanation is known by, in a few words. */
export function basisPieces({ lookUps, nodes, repeat }: Explanation): readonly Line[] {
  const configured = nodes.filter(({ rules }) => rules.length > 0).length;
  const parts = [
    'packets as captured',
    ...(configured === 0 ? [] : [`rules and routes of ${counted(configured, 'node')}`]),
    ...(lookUps.length === 0 ? [] : [counted(lookUps.length, 'look-up')]),
    ...(repeat === null ? [] : ['a repeat of this flow alone, traced']),
  ];
  return words(parts.join(', '));
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}
