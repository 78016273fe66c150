import { join } from 'node:path';
import t from 'tap';
import { FOLDER, run, stepOf } from './command.js';

t.test('what tools made of their files is in the report: ignored, added, and by which line', async (t) => {
  const { code, scenario } = await run([join(FOLDER, 'tools/compared.yaml')]);
  const compared = scenario('compared');
  t.equal(code, 0);
  const [ifupdown] = stepOf(compared, 'ifupdown').configured ?? [];
  t.match(ifupdown, { node: 'server', tool: 'ifupdown', asked: 5 });
  t.match(ifupdown?.ignored, [/interfaces:5: post-up ip route/, /interfaces:6: post-up ip rule add to/]);
  t.match(ifupdown?.added, [/^198\.51\.100\.0\/24 dev eth1 .*kernel's own/]);
  t.match(
    stepOf(compared, 'ifupdown').commands.find(({ line }) => line === 5),
    { file: '/etc/network/interfaces', exit: 1, message: /invalid gateway/, unexpected: false },
  );
  const [netifrc] = stepOf(compared, 'netifrc').configured ?? [];
  t.match(netifrc, { asked: 3, ignored: [] });
  t.match(netifrc?.added[0], /^metric \d+ to: default via 198\.51\.100\.1 dev eth1 table 7/);
  const [begun, again] = stepOf(compared, 'script').configured ?? [];
  t.match(begun, { asked: 3, ignored: [] });
  t.match(again, { asked: 3, ignored: [], added: [/from 198\.51\.100\.10 lookup 7 \(once more\)$/] });
});

t.test('hooks in the policy of a node are run when its links are dialled', async (t) => {
  const { code } = await run([join(FOLDER, 'tools/own-hooks.yaml')]);
  t.equal(code, 0);
});
