import type { Explanation, RepeatReport } from '../../model/explanation.js';
import { type Line, words } from './line.js';

/** What an explanation is known by, in a few words. */
export function basisPieces({ lookUps, nodes, repeat }: Explanation): readonly Line[] {
  const configured = nodes.filter(({ rules }) => rules.length > 0).length;
  const parts = [
    'packets',
    ...(configured === 0 ? [] : [`rules and routes of ${counted(configured, 'node')}`]),
    ...(lookUps.length === 0 ? [] : [counted(lookUps.length, 'look-up')]),
    ...(repeat === null ? [] : [isTraced(repeat) ? 'a repeat, traced' : 'a repeat']),
  ];
  return words(parts.join(', '));
}

function isTraced({ drops, fibLookUps, marks }: RepeatReport): boolean {
  return drops.length + fibLookUps.length + marks.length > 0;
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}
