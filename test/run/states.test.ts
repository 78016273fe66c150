import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import type { Section } from '../../src/evidence/sections.js';
import { changesOf, diffText, type LabState } from '../../src/run/artifacts/states.js';

type Texts = Partial<Record<Section, string>>;

const SYSCTLS = '/proc/sys/net/ipv4/ip_forward:0\n/proc/sys/net/ipv4/conf/eth0.5/rp_filter:0\n';
const BEFORE: Texts = {
  rules4: '0:\tfrom all lookup local\n32766:\tfrom all lookup main\n',
  rules6: '0:\tfrom all lookup local\n',
  routes4: 'default via 192.0.2.1 dev eth0 \n',
  routes6: 'fe80::/64 dev eth1 metric 256 \nfe80::/64 dev eth0 metric 256 \ndefault via fe80::1 dev eth0 \n',
  addresses: '1: lo: <LOOPBACK>\n',
  neighbours: '',
  ruleset: '',
  sysctls: SYSCTLS,
};

function labOf(nodes: Readonly<Record<string, Texts>>): LabState {
  return new Map(
    Object.entries(nodes).map(([node, texts]) => [
      node,
      new Map(Object.entries(texts) as [Section, string][]),
    ]),
  );
}

const NONE: ReadonlySet<string> = new Set();
const learned = { neighbours: '192.0.2.1 dev eth0 lladdr 02:00:00:00:00:01 REACHABLE\n' };

t.test('a node whose configuration has not changed is left out, unless it is named', async (t) => {
  const order =
    'default via fe80::1 dev eth0 \nfe80::/64 dev eth0 metric 256 \nfe80::/64 dev eth1 metric 256 \n';
  const after = labOf({
    isp: { ...BEFORE, ...learned, routes6: order, sysctls: SYSCTLS.split('\n').toReversed().join('\n') },
  });
  const before = labOf({ isp: BEFORE });
  t.strictSame(changesOf(before, after, NONE), [], 'neighbours, and the order of what has none');
  const [named] = changesOf(before, after, new Set(['isp']));
  t.equal(named?.node, 'isp');
  const swapped = { ...BEFORE, rules4: '0:\tfrom all lookup main\n0:\tfrom all lookup local\n' };
  t.equal(changesOf(before, labOf({ isp: swapped }), NONE).length, 1, 'the order of rules means something');
});

t.test('what has changed, as patch takes it and as diff prints it', async (t) => {
  const after = {
    ...BEFORE,
    ...learned,
    rules4: '0:\tfrom all lookup local\n100:\tfrom 198.51.100.10 lookup rt2\n32766:\tfrom all lookup main\n',
    routes4: 'default via 198.51.100.1 dev eth1 table rt2 \ndefault via 192.0.2.1 dev eth0 \n',
    ruleset: 'table ip nat {\n\tchain postrouting {\n\t}\n}\n',
    sysctls: SYSCTLS.replace('rp_filter:0', 'rp_filter:2'),
  };
  const changes = changesOf(
    labOf({ isp: BEFORE, server: BEFORE }),
    labOf({ isp: BEFORE, server: after }),
    NONE,
  );
  t.strictSame(
    changes.map(({ node }) => node),
    ['server'],
  );
  const text = diffText(changes);
  t.equal(
    text,
    `--- server.before
+++ server.after
@@ -1,11 +1,13 @@
 $ ip -4 rule show
 0:\tfrom all lookup local
+100:\tfrom 198.51.100.10 lookup rt2
 32766:\tfrom all lookup main
${' '}
 $ ip -6 rule show
 0:\tfrom all lookup local
${' '}
 $ ip -4 route show table all
+default via 198.51.100.1 dev eth1 table rt2${' '}
 default via 192.0.2.1 dev eth0${' '}
${' '}
 $ ip -6 route show table all
@@ -17,8 +19,13 @@
 1: lo: <LOOPBACK>
${' '}
 $ ip neighbour show
+192.0.2.1 dev eth0 lladdr 02:00:00:00:00:01 REACHABLE
${' '}
 $ nft list ruleset
+table ip nat {
+\tchain postrouting {
+\t}
+}
${' '}
 # sysctls that have changed
-net.ipv4.conf.eth0/5.rp_filter = 0
+net.ipv4.conf.eth0/5.rp_filter = 2
`,
  );
  const folder = t.testdir();
  for (const { node, before, after } of changes) {
    writeFileSync(join(folder, `${node}.before`), before);
    writeFileSync(join(folder, `${node}.after`), after);
  }
  const names = ['--label', 'server.before', '--label', 'server.after', 'server.before', 'server.after'];
  t.equal(spawnSync('diff', ['-u', ...names], { cwd: folder, encoding: 'utf8' }).stdout, text);
});

t.test('nothing differs', async (t) => {
  const same = labOf({ a: BEFORE });
  t.equal(diffText(changesOf(same, same, new Set(['a']))), '');
});
