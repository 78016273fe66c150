import { join } from 'node:path';
import t from 'tap';
import { FOLDER, pathText, run, stepOf } from './command.js';

t.test('a segment that floods does not confuse the verdict', async (t) => {
  const { code, scenario } = await run([join(FOLDER, 'segment')]);
  const flooded = scenario('flooded');
  // The scenario's last step looks whether strangers got the frames: without that it would show nothing.
  t.match(flooded, { status: 'passed', reason: null });
  t.equal(code, 0);
  const { flows } = stepOf(flooded, 'the segment has forgotten');
  t.equal(flows.length, 4);
  for (const { request, reply, duplicates, received, sent, probe } of flows) {
    t.equal(pathText(request), 'peer:eth0> >server:eth1', probe);
    t.equal(pathText(reply), 'server:eth0> >peer:eth0', probe);
    t.equal(duplicates, 0, probe);
    t.equal(received, sent, probe);
  }
});
