import { join } from 'node:path';
import t from 'tap';
import type { FlowResult } from '../../src/model/flow-result.js';
import { complaints } from './changed.js';
import { ROOT, run } from './command.js';
import { inAllManners } from './manners.js';

t.setTimeout(300_000);

for (const name of ['multipath', 'nat'])
  t.test(name, async (t) => {
    await inAllManners(t, { paths: [`scenarios/${name}`], options: ['--workers', '2'] });
  });

t.test(
  'other source ports, other tuples: they pass with another seed, and the report says which',
  async (t) => {
    const { report } = await run([join(ROOT, 'scenarios', 'multipath'), '--workers', '2', '--seed', '99']);
    for (const scenario of report.scenarios) {
      t.strictSame(complaints(scenario), [], scenario.name);
      const spreads = scenario.steps.flatMap(({ flows }) => flows.flatMap(({ spread }) => spread ?? []));
      t.not(spreads.length, 0);
      t.ok(spreads.every(({ seed }) => seed === 99));
    }
  },
);

t.test('what the router tracks of a flow that it passes on: both tuples, state and mark', async (t) => {
  const path = join(ROOT, 'scenarios', 'nat', 'port-forward.yaml');
  const { report } = await run([path, '--grep', 'by=nft isp=open']);
  const last = report.scenarios[0]?.steps.at(-1)?.flows ?? [];
  const byEth1 =
    (probe: string) =>
    ({ to, probe: text }: FlowResult) =>
      to === 'router:eth1' && text === probe;
  const ports = { sourcePort: Number, destinationPort: 80 };
  t.match(last.find(byEth1('udp/80'))?.connections, [
    {
      ...{ node: 'router', protocol: 'udp', state: 'REPLIED', mark: 2, id: null },
      original: { source: '203.0.113.9', destination: '198.51.100.10', ...ports },
      reply: { source: '10.0.0.80', destination: '203.0.113.9', sourcePort: 80, destinationPort: Number },
    },
  ]);
  t.match(last.find(byEth1('tcp/80'))?.connections, [{ protocol: 'tcp', state: /^[A-Z_]+$/, mark: 2 }]);
});
