import t from 'tap';
import { inAllManners } from './manners.js';

// Streams last for seconds, and wait for the most part.
t.setTimeout(300_000);

const REPORTS = [
  'b01-carrier-lost',
  'b01-interface-down',
  'b01-upstream-dead',
  'b27-neighbour-times',
  'b27-neighbour-times-ipv6',
];

t.test('scenarios of failover, also where nothing happens while their streams run', async (t) => {
  const scenarios = await inAllManners(t, {
    paths: ['scenarios/failover', ...REPORTS.map((name) => `scenarios/reports/${name}.yaml`)],
    options: ['--workers', '6'],
    changes: {
      'without-events': ({ steps }) => {
        for (const step of steps) delete step.during;
      },
    },
  });
  t.ok(scenarios.length >= 6);
});
