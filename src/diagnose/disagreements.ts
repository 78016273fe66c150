import type { LookUp, Passage } from '../model/evidence.js';
import { decisionText } from './decision-text.js';
import type { Facts } from './facts.js';
import { agrees, answersFor, lookedUpWith } from './looked-up.js';
import { nexthopsOf } from './rpdb.js';

/** By which a node sends to itself, whichever device has the address; ip-route(8), "local". */
const TO_ITSELF = 'lo';

/**
 * Where what was seen, what the rules and tables say, and what the kernel answers contradict one another, a sentence
 * each. A repeat that came to another verdict is among them.
 */
export function disagreements(facts: Facts): readonly string[] {
  const { evidence, passages, result } = facts;
  const again = evidence.repeat?.verdict ?? result.verdict;
  return [
    ...passages
      .filter(({ out }) => out !== TO_ITSELF)
      .flatMap((passage) => [...ofRules(passage, facts), ...ofAnswers(passage, facts)]),
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
function ofAnswers(passage: Passage, { decisionFor, evidence }: Facts): readonly string[] {
  const { leg, node, out } = passage;
  const decision = decisionFor(passage);
  if (out === null || (decision !== null && nexthopsOf(decision).length > 1)) return [];
  const asked = answersFor(evidence, passage);
  const mark = lookedUpWith(evidence, passage);
  // Where the mark is not known, any answer that agrees will do.
  if (mark === null && asked.some((each) => agrees(each, passage))) return [];
  return asked
    .filter((each) => each.mark === (mark ?? 0) && !agrees(each, passage))
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
