import { join } from 'node:path';
import t from 'tap';
import type { FlowResult } from '../../src/model/flow-result.js';
import { FOLDER, run } from './command.js';

const FIVE = join(FOLDER, 'explained/five.yaml');

async function flowsOf(...options: readonly string[]): Promise<readonly FlowResult[]> {
  const { scenario } = await run([FIVE, ...options]);
  return scenario('five').steps.flatMap(({ flows }) => flows);
}

t.test('what is not as expected has its cause, and what mends it', async (t) => {
  const flows = await flowsOf();
  const failed = flows.slice(0, 5);
  for (const { status, cause, explanation } of failed) {
    t.match(
      { status, cause },
      { status: 'failed', cause: { code: 'no-source-rule', text: /198\.51\.100\.10/ } },
    );
    t.match(
      explanation?.passages.find(({ node, leg }) => node === 'server' && leg === 'reply'),
      {
        out: 'eth0',
        decision: { rule: 32766, table: 'main' },
      },
    );
  }
  const [first] = failed;
  t.match(first?.suggestion, { verdict: 'symmetric', commands: [{ node: 'server' }] });
  const changed = first?.suggestion?.changes.map(({ from, to }) => `${from} → ${to}`) ?? [];
  t.strictSame(changed, Array(4).fill('asymmetric → symmetric'), 'the other four, and not what was right');
  const repeated = failed.map(({ explanation }) => explanation?.repeat !== null);
  t.strictSame(repeated, [true, true, true, true, false], 'flows of one scenario mostly have one cause');
  t.notOk(flows[5]?.explanation, 'nothing was asked of what is as expected');
  t.match(flows[6], { status: 'passed', cause: { code: 'no-source-rule' } });
  t.notOk(flows[6]?.explanation, 'but for the cause that is expected');
});

t.test('all, none, and the cause that an expectation names', async (t) => {
  const all = await flowsOf('--explain', 'all');
  t.ok(all.every(({ explanation }) => explanation !== undefined));
  t.equal(all[5]?.cause, null, 'what is symmetric has no cause');
  t.strictSame(all[7]?.explanation?.disagreements, [], 'the kernel is asked as the socket asks it');
  const none = await flowsOf('--explain', 'none');
  t.ok(none.every(({ explanation, suggestion }) => explanation === undefined && !suggestion));
  t.equal(none[0]?.cause, null, 'packets alone do not tell it');
  t.match(none[6], { status: 'passed', cause: { code: 'no-source-rule' } });
});

t.test(
  'a route by an interface that is down has that put up first, if that is why it was refused',
  async (t) => {
    const { scenario } = await run([join(FOLDER, 'explained/down.yaml')]);
    for (const [family, typed] of [
      [4, ['ip link set dev eth1 up', 'ip route add default via 198.51.100.1 dev eth1 table 2']],
      [
        6,
        [
          'ip link set dev eth1 up',
          'ip -6 address add 2001:db8:b::10/64 dev eth1 nodad',
          'ip -6 route add default via 2001:db8:b::1 dev eth1 table 2',
        ],
      ],
    ] as const) {
      const { steps } = scenario(`down [family=${family}]`);
      const [then, before] = steps.flatMap(({ flows }) => flows);
      t.match(then?.cause, { code: 'recipe-failed', text: /^line 2 of server's recipe failed/ });
      t.match(then?.cause?.evidence, ['exit status 2', 'server:eth1 is down']);
      t.match(then?.suggestion, { text: 'put eth1 up, and run it again', verdict: 'symmetric' });
      t.strictSame(
        then?.suggestion?.commands.map(({ text }) => text),
        typed,
      );
      t.match(before?.cause, { code: 'no-route' }, 'what would have gone with its interface is not missed');
    }
  },
);
