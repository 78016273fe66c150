import type { Decision } from '../../model/explanation.js';
import { type Line, line } from './line.js';

/** Rules that every node has: local, main, default. Documentation of ip-rule(8). */
const USUAL_RULES: readonly (number | null)[] = [0, 32766, 32767];

/** `rule 32766 → main → default via 192.0.2.1 dev eth0`, in pieces for `fill`. */
export function decisionPieces({ rule, table, route }: Decision): readonly Line[] {
  if (rule === null)
    return [
      line('no', 'faint'),
      line('rule', 'faint'),
      line('led', 'faint'),
      line('to', 'faint'),
      line('a', 'faint'),
      line('route', 'faint'),
    ];
  const parts = [table, route].filter((part) => part !== null);
  return [line(`rule ${rule}`, 'faint'), ...parts.flatMap((part) => pieces(`→ ${part}`))];
}

/** The same without what the reader takes for granted: a rule that every node has, and the device, which is told beside it. */
export function briefDecisionPieces(decision: Decision, out: string | null): readonly Line[] {
  const { rule, table, route } = decision;
  if (!USUAL_RULES.includes(rule) || table === null || route === null) return decisionPieces(decision);
  const end = ` dev ${out}`;
  const told = route.endsWith(end) ? route.slice(0, -end.length) : route;
  return [...pieces(table), ...pieces(`→ ${told}`)];
}

/** Broken in front of `via` and `dev`, and nowhere else. */
function pieces(text: string): readonly Line[] {
  return text.split(/ (?=via |dev )/).map((part) => line(part, 'faint'));
}
