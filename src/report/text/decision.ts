import type { Decision } from '../../model/explanation.js';
import { type Line, line, words } from './line.js';

/** Preferences of the rules that every node has, for the tables local, main and default; ip-rule(8). */
const USUAL_RULES: readonly (number | null)[] = [0, 32766, 32767];

/** Whether a rule decided that every node has, of which a reader need not be told. */
export function isUsual(decision: Decision | null): boolean {
  return decision?.table != null && USUAL_RULES.includes(decision.rule);
}

/** `rule 32766 → main → default via 192.0.2.1 dev eth0`, in pieces for `fill`: broken in front of arrows, `via` and `dev`. */
export function decisionPieces({ rule, table, route }: Decision): readonly Line[] {
  if (rule === null) return words('no rule led to a route', 'faint');
  const parts = [table, route].filter((part) => part !== null).map((part) => `→ ${part}`);
  return [`rule ${rule}`, ...parts]
    .flatMap((part) => part.split(/ (?=via |dev )/))
    .map((part) => line(part, 'faint'));
}

/** The same without the next hop, for one that is seen to be taken: `rule 32766 → main → default`. */
export function withoutNexthop(decision: Decision, out: string): Decision {
  const { route } = decision;
  const [, before] = route === null ? [] : (/^(\S+)(?: via \S+)? dev (\S+)$/.exec(route) ?? []);
  return route?.endsWith(` dev ${out}`) && before !== undefined ? { ...decision, route: before } : decision;
}
