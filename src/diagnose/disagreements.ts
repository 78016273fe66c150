import type { LookUp, Passage } from '../model/evidence.js';
import { decisionText } from './decision-text.js';
import type { Facts } from './facts.js';
import { nexthopsOf } from './rpdb.js';

/**
 * Where what was seen, what the rules and tables say, and what the kernel answers contradict one another, a sentence
 * each. A repeat that came to another verdict is among them.
 */
export function disagreements(facts: Facts): readonly string[] {
  const { evidence, passages, result } = facts;
  const again = evidence.repeat?.verdict ?? result.verdict;
  return [
    ...passages.flatMap((passage) => [...ofRules(passage, facts), ...ofAnswers(passage, facts)]),
    ...(again === result.verdict
      ? []
      : [`repeated alone in a lab of its own, the flow was ${again} and not ${result.verdict}`]),
  ];
}

/** The rules and tables lead elsewhere than the packet went. */
function ofRules(passage: Passage, { decisionFor }: Facts): readonly string[] {
  const { leg, node, out } = passage;
  const decision = decisionFor(passage);
  if (out === null || decision === null) return [];
  if (nexthopsOf(decision).some(({ device }) => device === out)) return [];
  return [`${node}: by ${decisionText(decision)}, and the ${leg} left by ${out}`];
}

/** The kernel, when asked, leads elsewhere. Of several next hops it may well name another one. */
function ofAnswers(passage: Passage, { decisionFor, evidence, markOf }: Facts): readonly string[] {
  const { leg, node, out } = passage;
  const decision = decisionFor(passage);
  if (out === null || (decision !== null && nexthopsOf(decision).length > 1)) return [];
  const asked = evidence.lookUps.filter(
    (each) => each.node === node && each.leg === leg && each.purpose === 'way',
  );
  // Where nothing was traced, the mark with which it was looked up is not known: any answer that agrees will do.
  const agrees = ({ answer }: LookUp) => answer.kind === 'route' && answer.device === out;
  if (evidence.repeat === null && asked.some(agrees)) return [];
  return asked
    .filter((each) => each.mark === markOf(passage) && !agrees(each))
    .map(
      ({ command, answer }) =>
        `${node}: ${command} gives ${answerText(answer)}, and the ${leg} left by ${out}`,
    );
}

function answerText(answer: LookUp['answer']): string {
  return answer.kind === 'error'
    ? `"${answer.message}"`
    : (answer.device ?? `a route of type ${answer.type}`);
}
