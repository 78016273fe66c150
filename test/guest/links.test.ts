import { join } from 'node:path';
import t from 'tap';
import type { FlowResult } from '../../src/model/flow-result.js';
import { ROOT, run } from '../netns/command.js';
import { inAllManners } from '../netns/manners.js';

/** What the kernel of a machine for CI may lack; what every kernel has is for test/netns/links.test.ts. */
const OF_KERNELS = ['dummy', 'vlan', 'vrf', 'wireguard', 'netem', 'distant-provider'];
const PATHS = [
  ...OF_KERNELS.map((name) => `scenarios/links/${name}.yaml`),
  'scenarios/reports/b16-vlan-interfaces.yaml',
  'test/guest/kinds',
];
const KERNEL = ['--kernel', '6.12'];

t.setTimeout(600_000);

t.test('VLAN, VRF, WireGuard, bonds, GRE, dummy and netem, in a guest', async (t) => {
  const found = await inAllManners(t, { paths: PATHS, options: KERNEL });

  const withoutTags = ({ request, reply, line: _, ...flow }: FlowResult) => ({
    ...flow,
    request: { ...request, vlan: null },
    reply: { ...reply, vlan: null },
  });
  // It has no tags, so that what is the trunk's own and what is the VLAN's is told otherwise.
  const byTcpdump = await run([join(ROOT, 'scenarios/links/vlan.yaml'), ...KERNEL, '--capture', 'tcpdump']);
  t.strictSame(
    byTcpdump.report.scenarios.map(({ steps }) => steps.map(({ flows }) => flows.map(withoutTags))),
    found
      .filter(({ id }) => id.endsWith('/links/vlan'))
      .map(({ steps }) => steps.map(({ flows }) => flows.map(withoutTags))),
    'a tcpdump beside each agent sees what the agents see',
  );
});
