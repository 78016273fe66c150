import t from 'tap';
import { FOLDER, run, stepOf } from './command.js';

const { code, report, scenario } = await run([`${FOLDER}/inconclusive`]);

t.test('what is not proven does not pass, whatever is expected', async (t) => {
  t.equal(code, 1);
  t.match(report.summary, { passed: 0, failed: 3, errored: 0, inconclusive: 3 });
  const cases = [
    ['capture-killed', "the router's capture is killed", 'capture-ended'],
    [
      'interface-unknown',
      "an interface with the server's network on top of the router's own",
      'unmapped-interface',
    ],
    ['loopback-down', 'loopback down', 'sentinel-missing'],
  ] as const;
  for (const [name, title, cause] of cases) {
    const result = scenario(name);
    t.match(result, { status: 'failed', reason: { code: 'flow-inconclusive' } }, name);
    t.match(
      stepOf(result, 'all is well').flows,
      [{ status: 'passed', verdict: 'symmetric' }, { status: 'passed' }],
      `${name}: before`,
    );
    const { flows } = stepOf(result, title);
    t.ok(flows.length > 0);
    for (const flow of flows) {
      t.match(
        flow,
        { status: 'failed', verdict: 'inconclusive', cause: { code: cause, text: /router/ } },
        `${name}: ${flow.probe}`,
      );
      t.match(flow.differences, [/^verdict is inconclusive/]);
    }
  }
});
