import { join } from 'node:path';
import t from 'tap';
import { loadScenarios } from '../../src/load/load.js';
import { needsOf } from '../../src/plan/needs.js';
import { validate } from '../../src/validate/validate.js';

const PAIR = `topology:
  nodes:
    left: { interfaces: { eth0: { addresses: [192.0.2.1/24] } } }
    right: { interfaces: { eth0: { addresses: [192.0.2.2/24] } } }
  links: [[left:eth0, right:eth0]]
`;

t.test('what a scenario needs of a machine', async (t) => {
  const rest = 'steps: [{}]\n';
  const cwd = t.testdir({
    'a-none.yaml': `title: t\n${PAIR}${rest}`,
    'b-said.yaml': `title: t\nrequires: [vrf, tun, vrf]\n${PAIR}${rest}`,
    'c-nft.yaml': `title: t\n${PAIR}steps: [{ apply: { node: left, items: [{ nft: add table t }, { sysctl: {} }] } }]\n`,
    'd-iptables.yaml': `title: t\n${PAIR}steps: [{}, { apply: [{ node: left, iptables: '*filter' }, { node: left, ip6tables: '*filter' }] }]\n`,
    'e-node.yaml': `title: t\n${PAIR.replace('right: {', 'right: { policy: [{ nft: add table t }],')}${rest}`,
    'f-ipv6.yaml': `title: t\n${PAIR.replace('192.0.2.1/24', '192.0.2.1/24, "2001:db8::1/64"')}${rest}`,
    'g-script.yaml': `title: t\n${PAIR}steps: [{ apply: { node: left, shell: nft list ruleset } }]\n`,
  });
  const { scenarios, diagnostics } = validate(
    await loadScenarios([cwd], { cwd, labDirs: [join(cwd, 'lab')] }),
  );
  t.strictSame(diagnostics, []);
  t.strictSame(Object.fromEntries(scenarios.map((scenario) => [scenario.id, needsOf(scenario)])), {
    'a-none': [],
    'b-said': ['vrf', 'tun'],
    'c-nft': ['nftables'],
    'd-iptables': ['iptables', 'ip6tables'],
    'e-node': ['nftables'],
    'f-ipv6': ['ipv6'],
    'g-script': [],
  });
});
