import t from 'tap';
import { inAllManners } from './manners.js';

// Streams last for seconds, and wait for the most part.
t.setTimeout(300_000);

t.test('scenarios of failover, also where nothing happens while their streams run', async (t) => {
  const scenarios = await inAllManners(t, {
    paths: ['scenarios/failover'],
    options: ['--workers', '4'],
    changes: {
      'without-events': ({ steps }) => {
        for (const step of steps) delete step.during;
      },
    },
  });
  t.ok(scenarios.length >= 8);
});
