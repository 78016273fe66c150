import t from 'tap';
import { FOLDER, run, stepOf } from './command.js';

const CASES = [
  // Only where a program of its own captures can a recipe kill it.
  ['capture-killed', "the router's capture is killed", 'capture-ended', ['tcpdump']],
  ['loopback-down', 'loopback down', 'sentinel-missing', ['tcpdump', 'agent']],
] as const;

for (const method of ['tcpdump', 'agent'] as const) {
  const cases = CASES.filter(([, , , methods]) => methods.some((each) => each === method));
  const files = cases.map(([name]) => `${FOLDER}/inconclusive/${name}.yaml`);
  const { code, report, scenario } = await run([...files, '--capture', method]);

  t.test(`what is not proven does not pass, whatever is expected (${method})`, async (t) => {
    const all = cases.length;
    t.equal(code, 1);
    t.match(report.summary, { passed: 0, failed: all, errored: 0, inconclusive: all });
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
}
