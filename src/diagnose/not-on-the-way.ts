import type { Repair } from '../model/diagnosis.js';
import type { Passage } from '../model/evidence.js';
import type { CauseFinder } from './facts.js';

/** The flow is judged at a node that its request did not come to: whatever way the reply takes, there it is not symmetric. */
export const notOnTheWay: CauseFinder = ({ result, passages, flow, plan }) => {
  const { at, verdict, from } = result;
  const request = passages.filter(({ leg }) => leg === 'request');
  if (verdict !== 'asymmetric' || request.length === 0 || at === from) return null;
  if (request.some(({ node }) => node === at)) return null;
  const reply = passages.filter(({ leg }) => leg === 'reply');
  const went = reply.some(({ node }) => node === at)
    ? 'the reply alone came'
    : 'neither it nor the reply came';
  const { nodeUnderTest } = plan.scenario.topology;
  const candidates = [nodeUnderTest, flow.answeredBy, from].filter((each) => each !== null);
  return {
    code: 'not-on-the-way',
    text: `the flow is judged at ${at}, and its request went another way, ${wayText(request)}: ${went} to ${at}`,
    evidence: reply.length === 0 ? [] : [`the reply went ${wayText(reply)}`],
    repair: judgedAt(candidates.find((name) => request.some(({ node }) => node === name)) ?? null),
  };
};

/** No route would mend what is wrong with the question. */
function judgedAt(node: string | null): Repair | null {
  return node === null ? null : { text: `judge the flow at ${node}`, deeds: [], at: node, isAdvice: false };
}

/** `client → internet → isp1 → server`. */
function wayText(passages: readonly Passage[]): string {
  return passages.map(({ node }) => node).join(' → ');
}
