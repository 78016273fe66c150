import { judgeStep } from '../../src/judge/judge.js';
import type { FlowResult } from '../../src/model/flow-result.js';

/** What is said of each flow of a step, without what its packets met on their way. */
export function flowResults(...observed: Parameters<typeof judgeStep>): FlowResult[] {
  return judgeStep(...observed).map(({ result }) => result);
}
