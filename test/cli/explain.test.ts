import t from 'tap';
import { jsonSchema } from '../../src/format/json-schema.js';
import { independentFaults } from '../format/independent.js';
import { replypathIn, scenarioText } from './replypath.js';

const ONE = `title: by the second uplink
topology: dual-isp
steps:
  - title: as found
    flows:
      - { from: client, to: server:eth0, family: 4, probe: ping, expect: symmetric }
      - { from: client, to: server:eth1, family: 4, probe: tcp/22, expect: asymmetric }
`;
const SYMMETRIC = ONE.replace(/\n.*tcp.*\n/, '\n');
const FAILED = ONE.replace('expect: asymmetric', 'expect: symmetric');
const BROKEN = ONE.replace(
  '    flows:',
  '    apply: { node: server, shell: "ip rule add from" }\n    flows:',
);

t.test('which scenario', async (t) => {
  const replypath = replypathIn(
    t.testdir({ scenarios: { 'one.yaml': ONE, more: { 'cells.yaml': scenarioText() } } }),
  );
  t.match(replypath('explain', 'scenarios/one.yaml').stdout, /^✓ one {2}flow 2 of 2 {2}· as found\n/);
  t.match(replypath('explain', 'one').stdout, /^✓ one {2}flow 2 of 2 /);
  t.match(replypath('explain', 'more/cells [family=6]').stdout, /^✓ more\/cells \[family=6\]/);
  t.match(replypath('explain', 'scenarios', '--grep', 'family=6').stdout, /^✓ more\/cells \[family=6\]/);
  t.match(replypath('explain', 'scenarios/**/c*.yaml'), {
    code: 2,
    stdout: '',
    stderr:
      'replypath: 2 scenarios match; choose one by --grep or by its name:\n  more/cells [family=4]\n  more/cells [family=6]\n',
  });
  t.match(replypath('explain', 'more/cell'), {
    code: 5,
    stdout: '',
    stderr: /no file and no scenario is called more\/cell; .*\n\(Did you mean more\/cells/,
  });
  t.match(replypath('explain', 'scenarios/two.yaml'), { code: 5, stdout: '', stderr: /scenarios\/two.yaml/ });
  t.match(replypath('explain', 'scenarios', '--grep', 'three'), {
    code: 5,
    stderr: /no scenario's name matches \/three\//,
  });
  t.match(replypath('explain'), { code: 2, stderr: /missing required argument 'scenario'/ });
});

t.test('which flow', async (t) => {
  const files = { 'one.yaml': ONE, 'symmetric.yaml': SYMMETRIC, 'failed.yaml': FAILED };
  const replypath = replypathIn(t.testdir({ ...files, 'cells.yaml': scenarioText() }));
  t.match(replypath('explain', 'one.yaml', '--flow', '1').stdout, /flow 1 of 2 [\s\S]*server:eth0 {2}ping/);
  t.match(replypath('explain', 'one.yaml:6').stdout, /flow 1 of 2 /);
  t.match(replypath('explain', 'one.yaml:7').stdout, /flow 2 of 2 [\s\S]*server:eth1 {2}tcp\/22/);
  t.match(replypath('explain', 'one.yaml:3'), {
    code: 2,
    stderr: /no flow of one stands at line 3 or above/,
  });
  t.match(replypath('explain', 'one.yaml', '--flow', '3'), {
    code: 2,
    stdout: '',
    stderr: 'replypath: one has 2 flows, and no number 3\n',
  });
  t.match(replypath('explain', 'one.yaml', '--flow', '0'), { code: 2, stderr: /--flow/ });
  t.match(replypath('explain', 'symmetric.yaml'), {
    code: 0,
    stdout: /flow 1 of 1 [\s\S]*the reply went the way that the request came/,
  });
  t.match(replypath('explain', 'cells.yaml', '--grep', 'family=4'), {
    code: 0,
    stdout: /these are not symmetric:\n {2}· as found\n {4}1 {2}client → server:eth1[\s\S]*--flow 1\n$/,
  });
});

t.test('a flow that is not as expected: its cause, its way, and what was tried; exit 0', async (t) => {
  const { code, stdout, stderr } = replypathIn(t.testdir({ 'failed.yaml': FAILED }))(
    'explain',
    'failed.yaml',
  );
  t.match({ code, stderr }, { code: 0, stderr: '' });
  t.match(stdout, /^✗ failed {2}flow 2 of 2 {2}· as found\n✗ client → server:eth1 {2}tcp\/22 {2}IPv4 {2}/);
  t.match(stdout, /\n {2}expected symmetric/);
  t.match(stdout, /\n {2}cause {4}.*\([a-z-]+\)\n/);
  t.match(stdout, /server {4}in eth1, for itself +by rule 32766 → main → default, out eth0\n/);
  t.match(stdout, /✗ the request came in by eth1\n/);
  t.match(stdout, /\n {2}try {6}.* \(tried: symmetric\):\n {13}ip route add /);
});

t.test('as JSON, as its schema says', async (t) => {
  const replypath = replypathIn(t.testdir({ 'failed.yaml': FAILED, 'cells.yaml': scenarioText() }));
  const told = JSON.parse(replypath('explain', 'failed.yaml', '--json').stdout);
  t.match(told, {
    number: 2,
    scenario: { id: 'failed', status: 'failed' },
    flow: { verdict: 'asymmetric', cause: { text: String }, suggestion: { verdict: 'symmetric' } },
  });
  const parting = told.flow.explanation.passages.find(
    ({ leg, node }: { leg: string; node: string }) => leg === 'reply' && node === 'server',
  );
  t.match(parting, { out: 'eth0', decision: { rule: 32766, table: 'main', route: /^default via 192/ } });
  const listed = JSON.parse(replypath('explain', 'cells.yaml', '--grep', 'family=4', '--json').stdout);
  t.match(listed, { number: null, flow: null, flows: [{ number: 1, verdict: 'asymmetric' }] });
  const schema = jsonSchema('explanation');
  t.strictSame(
    independentFaults([
      { name: 'told', schema, value: told },
      { name: 'listed', schema, value: listed },
    ]),
    [],
  );
  const other = { ...told, number: 'two' };
  t.not(independentFaults([{ name: 'other', schema, value: other }]).length, 0, 'another is refused');
});

t.test('a scenario that does not come to the flow', async (t) => {
  const replypath = replypathIn(
    t.testdir({
      'broken.yaml': BROKEN,
      'invalid.yaml': 'title: t\nsteps: []\n',
      'none.yaml': 'title: t\ntopology: dual-isp\nsteps: [{}]\n',
    }),
  );
  t.match(replypath('explain', 'broken.yaml'), {
    code: 4,
    stdout: '',
    stderr: /did not come to the flow:\n! broken[\s\S]*ip rule add from/,
  });
  t.match(replypath('explain', 'invalid.yaml'), { code: 3, stdout: '', stderr: /invalid.yaml:/ });
  t.match(replypath('explain', 'none.yaml'), { code: 2, stderr: /none has no flow/ });
});
