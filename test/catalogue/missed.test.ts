import t from 'tap';
import type { CommandReport } from '../../src/model/result.js';
import type { VerdictName } from '../../src/model/verdict.js';
import { symmetric } from '../report/events.js';
import { isMissed } from './missed.js';

const PASSED: CommandReport = {
  ...{ node: 'server', line: 1, text: 'ip rule', exit: 0 },
  ...{ message: '', unexpected: false },
};

function failedBy(text: string) {
  const commands = [PASSED, { ...PASSED, line: 2, text, exit: 1, unexpected: true }];
  return {
    reason: { code: 'recipe-failed', text: '' },
    steps: [{ title: 'x', lab: 1, commands, flows: [] }],
  } as const;
}

function withFlow(verdict: VerdictName, status: 'passed' | 'failed') {
  const before = { title: 'y', lab: 1, commands: [], flows: [{ ...symmetric, verdict, status }] };
  const ended = failedBy('ip rule del from 192.0.2.10');
  return { ...ended, steps: [before, ...ended.steps] };
}

t.test('what is taken out is missed by a flow, or by a check of what it made', async (t) => {
  t.ok(isMissed(withFlow('asymmetric', 'failed')));
  for (const check of [
    '[ "$(ip rule | wc -l)" = 6 ]',
    'test -z ""',
    "grep -q 'dev eth0'",
    'diff - <(ip rule)',
  ])
    t.ok(isMissed(failedBy(check)), check);
});

t.test('but not by a command that fails for want of it, or by anything else', async (t) => {
  for (const command of ['ip rule del from 192.0.2.10', 'nft -f -', 'ip route get 203.0.113.9', 'testing 1'])
    t.notOk(isMissed(failedBy(command)), command);
  t.notOk(isMissed(withFlow('asymmetric', 'passed')));
  t.notOk(isMissed(withFlow('inconclusive', 'failed')));
  t.notOk(isMissed({ reason: { code: 'recipe-timeout', text: '' }, steps: failedBy('test -z ""').steps }));
  t.notOk(isMissed({ reason: null, steps: [] }));
});
