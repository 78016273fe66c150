import t from 'tap';
import type { ScenarioResult } from '../../src/model/result.js';
import { environment, passed, result, step, symmetric } from '../report/events.js';
import { findingsPage } from './findings.js';

const summary = { passed: 0, failed: 0, errored: 0, skipped: 0, inconclusive: 0, flaky: 0, durationMs: 1 };

function pageOf(...scenarios: ScenarioResult[]) {
  return findingsPage({ version: 1, environment, summary, scenarios });
}

t.test('claim, finding and what was seen, once for the variants in which it was the same', async (t) => {
  const kernel = '6.18.0';
  const other = result({
    ...{ ...passed, kernel },
    name: 'recipes/a1-rt2 [isp=bcp38 family=4]',
    variant: { isp: 'bcp38', family: 4 },
    steps: [
      step('as found', [{ ...symmetric, verdict: 'reply-lost' }]),
      step('with a table for eth1', [symmetric]),
    ],
  });
  const { page, faults } = pageOf({ ...passed, kernel }, other);
  t.strictSame(faults, []);
  t.match(page, 'on Linux 6.18.0.');
  t.match(page, '| [a1-rt2](#a1-rt2) | Replies leave by the default route. | confirmed |');
  t.match(page, '- **Lesson**: A rule selects a table by the source address.\n');
  t.match(page, 'Shown by 4 flows in 2 variants, on Linux 6.18.0');
  const rows = page.split('\n').filter((line) => /^\| (as found|with a table)/.test(line));
  t.match(rows, [
    /^\| as found \| client → server:eth1, \S+ \| \*\*(reply-lost|asymmetric)\*\*: .* \| isp=(bcp38|open) \|$/,
    /^\| as found \|/,
    /^\| with a table for eth1 \| .* \| \*\*symmetric\*\*: in eth1, reply out eth1 \| all \|$/,
  ]);
  t.equal(rows.length, 3);
});

t.test('a finding that the run did not show is a fault', async (t) => {
  const skipped = {
    ...passed,
    status: 'skipped' as const,
    reason: { code: 'feature-missing' as const, text: 'no vlan' },
  };
  t.strictSame(pageOf(skipped).faults, ['recipes/a1-rt2 [isp=open family=4] skipped: no vlan']);
  t.match(pageOf({ ...passed, status: 'failed', reason: null }).faults, [/failed: no reason is given$/]);
  t.strictSame(pageOf({ ...passed, lesson: null, finding: null }).faults, [
    'recipes/a1-rt2 has no finding',
    'recipes/a1-rt2 has no lesson',
  ]);
});
