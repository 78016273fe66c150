import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { jsonSchema } from '../../src/format/json-schema.js';
import { reportSchema } from '../../src/format/report.js';
import { independentFaults } from './independent.js';

const MAIN = fileURLToPath(new URL('../../src/cli/main.js', import.meta.url));

const FLOWS = `
steps:
  - apply: { node: server, shell: "ip rule add pref 7 table 7\\nfalse" , expect: [{ line: 2 }] }
    flows:
      - { from: client, to: server:eth0, probe: ping, expect: symmetric }
      - { from: client, to: server:eth1, probe: tcp/22, expect: symmetric }
      - { from: client, to: server:eth0, probe: udp/53, responder: none, expect: refused }
      - { from: client, to: 198.51.100.77, answeredBy: server, probe: { protocol: ping, timeout: 300ms }, expect: { verdict: request-lost, lost: { node: isp2 } } }
`;

t.test('a real report, with every status, is as its JSON Schema says', async (t) => {
  const cwd = t.testdir({
    scenarios: {
      'some.yaml': `title: some\ntopology: dual-isp\nmatrix: { family: [4], isp: [open, bcp38] }\n${FLOWS}`,
      'broken.yaml':
        'title: broken\ntopology: dual-isp\nsteps: [{ apply: { node: server, shell: "false" } }]\n',
      'invalid.yaml': 'title: invalid\nsteps: []\n',
    },
  });
  const { stdout } = spawnSync(process.execPath, [MAIN, 'run', '--reporter', 'json'], {
    cwd,
    encoding: 'utf8',
  });
  const printed = JSON.parse(stdout);
  const written = JSON.parse(readFileSync(join(cwd, 'replypath-results/run.json'), 'utf8'));
  const statuses = printed.scenarios.map(({ status }: { status: string }) => status).sort();
  t.strictSame(statuses, ['errored', 'errored', 'failed', 'failed']);
  const schema = jsonSchema('report');
  const reports = [
    { name: 'printed', schema, value: printed },
    { name: 'run.json', schema, value: written },
  ];
  t.strictSame(independentFaults(reports), []);
  for (const { value, name } of reports) t.equal(reportSchema.safeParse(value).success, true, name);

  const [scenario] = printed.scenarios;
  const other = { ...printed, scenarios: [{ ...scenario, status: 'lost' }] };
  t.not(independentFaults([{ name: 'other', schema, value: other }]).length, 0, 'another status is refused');
});
