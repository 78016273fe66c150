import t from 'tap';
import type { ExplanationReport, Suggestion } from '../../src/model/explanation.js';
import { explanationLines } from '../../src/report/text/explanation.js';
import { numberedFlows } from '../../src/report/text/flow-number.js';
import { plain, width } from '../../src/report/text/line.js';
import { run } from './command.js';

// Labs of the causes with the longest stories, and of the recipes, on a machine that may have other things to do.
t.setTimeout(600_000);

const SCREEN = { columns: 80, rows: 24 };

/** Those that need what many kernels lack are run in a guest, and not here: docs/kernels.md. */
const WHICH = ['--grep', '^why/(arp|marks|nat|no-|provider|rule-s|table|ttl|udp)|^recipes/.*bcp38.*family=6'];

/** What is tried takes two labs a flow: in the place of it, what is told most often. */
const SUGGESTION: Suggestion = {
  text: 'add a rule for 2001:db8:b::10, with a table that leads by eth1',
  commands: [
    'ip -6 route add 2001:db8:b::/64 dev eth1 table 1001',
    'ip -6 route add default via 2001:db8:b::1 dev eth1 table 1001',
    'ip -6 rule add from 2001:db8:b::10 table 1001',
  ].map((text) => ({ node: 'server', text })),
  verdict: 'symmetric',
  remaining: [],
  changes: [{ flow: 'client → server:eth1 ping IPv6', from: 'reply-lost', to: 'symmetric' }],
};

t.test('the story of every flow that went astray is one screen', async (t) => {
  const { report, stderr } = await run(['scenarios', '--explain', 'all', '--workers', '2', ...WHICH]);
  const stories = report.scenarios.flatMap(({ steps, diagnostics: _, ...scenario }) =>
    steps
      .flatMap(({ flows }) => flows)
      .map(
        (flow, index): ExplanationReport => ({
          ...{ version: 1, environment: report.environment, scenario, flows: numberedFlows({ steps }) },
          ...{ number: index + 1, flow: { suggestion: SUGGESTION, ...flow } },
        }),
      )
      .filter(({ flow }) => flow !== null && flow.verdict !== 'symmetric'),
  );
  t.ok(stories.length > 80, `${stories.length} flows\n${stderr}`);
  for (const told of stories) {
    const text = (columns: number) => explanationLines(told, { columns, verbose: false });
    const screen = text(SCREEN.columns);
    const name = `${told.scenario.name}, flow ${told.number}`;
    t.ok(screen.length <= SCREEN.rows, `${name}: ${screen.length} lines`);
    t.ok(
      screen.every((line) => width(line) <= SCREEN.columns),
      `${name}: no line is wider`,
    );
    t.match(screen.map(plain).join('\n'), /\n {2}cause {4}/, `${name}: a cause`);
  }
});
