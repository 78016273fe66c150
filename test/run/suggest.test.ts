import t from 'tap';
import type { FlowResult } from '../../src/model/flow-result.js';
import type { VerdictName } from '../../src/model/verdict.js';
import { isBetter } from '../../src/run/suggest.js';
import * as events from '../report/events.js';

const [flow] = events.failed.steps[0]?.flows ?? [];
if (flow === undefined) throw new Error('a flow');
const FLOW = flow;

/** Of a flow that is expected to be one thing and was another. */
function better(expected: VerdictName, before: VerdictName, now: VerdictName): boolean {
  const status = expected === before ? 'passed' : 'failed';
  const result: FlowResult = {
    ...FLOW,
    ...{ verdict: before, status, expected: { ...FLOW.expected, verdict: expected } },
  };
  return isBetter({ verdict: now, differences: expected === now ? [] : ['verdict'] }, result);
}

t.test('nearer to what is expected', async (t) => {
  t.ok(better('symmetric', 'no-reply', 'symmetric'));
  t.ok(better('symmetric', 'no-reply', 'asymmetric'));
  t.ok(better('symmetric', 'request-lost', 'no-reply'), 'one of two things that are wrong');
  t.notOk(better('symmetric', 'asymmetric', 'no-reply'));
  t.notOk(better('symmetric', 'asymmetric', 'asymmetric'));
  t.notOk(better('symmetric', 'asymmetric', 'inconclusive'));
  t.ok(better('no-reply', 'symmetric', 'no-reply'), 'where it should not be answered');
  t.notOk(better('no-reply', 'request-lost', 'symmetric'));
});

t.test('a flow that went astray as expected would do better if it did not', async (t) => {
  t.ok(better('asymmetric', 'asymmetric', 'symmetric'));
  t.ok(better('reply-lost', 'reply-lost', 'asymmetric'));
  t.notOk(better('asymmetric', 'asymmetric', 'reply-lost'));
});

t.test('of the same verdict the one with fewer differences', async (t) => {
  const expected = { ...FLOW.expected, verdict: 'asymmetric' } as const;
  const before: FlowResult = {
    ...FLOW,
    ...{ verdict: 'asymmetric', status: 'failed', differences: ['reply.out', 'reply.nexthop'], expected },
  };
  t.ok(isBetter({ verdict: 'asymmetric', differences: ['reply.nexthop'] }, before));
  t.notOk(isBetter({ verdict: 'asymmetric', differences: before.differences }, before));
});
