import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import type { Repair } from '../../src/model/diagnosis.js';
import type { Deed, Scenario } from '../../src/model/scenario.js';
import { type RerunMeans, rerunStep } from '../../src/run/rerun.js';
import { tryRepair } from '../../src/run/trial.js';
import { SandboxError, startSandbox } from '../../src/system/sandbox.js';
import { scenariosOf } from './planned.js';

// Without a table for eth1 each reply leaves by eth0, the default route.
const SCENARIO = `
title: a step anew
topology: dual-isp
family: 4
steps:
  - title: of a lab that is no more
    apply: { node: server, shell: ip route replace default via 198.51.100.1 dev eth1 }
    flows:
      - { from: client, to: 'server:eth1', probe: ping, expect: symmetric }
  - title: a table
    fresh: true
    apply: { node: server, shell: ip route add default via 198.51.100.1 dev eth1 table 102 }
    flows:
      - { from: client, to: 'server:eth1', probe: ping, expect: asymmetric }
  - title: a rule of no use
    apply: { node: server, shell: ip rule add to 198.51.100.10 table 102 }
    event: { shell: { node: server, script: ip rule add from 198.51.100.99 table 102 } }
    flows:
      - { from: client, to: 'server:eth0', probe: tcp/22, expect: symmetric }
      - { from: client, to: 'server:eth1', probe: tcp/22, expect: asymmetric }
      - { from: client, to: 'server:eth1', probe: udp/53, expect: wrong-source }
`;

// Labs by the dozen, on a machine that may have other things to do.
t.setTimeout(300_000);

const sandbox = startSandbox();
const means: RerunMeans = { sandbox, capture: 'agent', signal: new AbortController().signal };
t.teardown(async () => (await sandbox).close());

async function scenarioIn(folder: string): Promise<Scenario> {
  const file = join(folder, 'anew.yaml');
  await writeFile(file, SCENARIO);
  const [scenario] = await scenariosOf(file);
  if (scenario === undefined) throw new Error('the scenario is not there');
  return scenario;
}

const onServer = (script: string): Deed => ({
  apply: {
    ...{ node: 'server', items: [{ kind: 'shell', script }], expectedFailures: [], timeoutMs: 5000 },
    place: { file: 'test', line: 1, column: 1, frame: '' },
  },
});

const RULE = 'ip rule add from 198.51.100.10 table 102';

t.test('a step anew, in a lab of its own', async (t) => {
  const scenario = await scenarioIn(t.testdir());
  const flows = scenario.steps[2]?.flows ?? [];
  const verdicts = async (deeds: readonly Deed[], chosen = flows) => {
    const { journeys, commands, reason } = await rerunStep(
      { scenario, step: 2, deeds, flows: chosen },
      means,
    );
    return { verdicts: journeys.map(({ result }) => result.verdict), commands, reason };
  };

  const same = await verdicts([]);
  t.strictSame(same.verdicts, ['symmetric', 'asymmetric', 'wrong-source']);
  t.equal(same.reason, null);
  t.strictSame(
    same.commands.map(({ text }) => text),
    ['ip rule add to 198.51.100.10 table 102', 'ip rule add from 198.51.100.99 table 102'],
    'those of the step alone',
  );

  const one = await verdicts([], flows.slice(1, 2));
  t.strictSame(one.verdicts, ['asymmetric'], 'one flow alone');

  const repaired = await verdicts([onServer(RULE)]);
  t.strictSame(
    repaired.verdicts,
    ['symmetric', 'symmetric', 'wrong-source'],
    'the table of the step before is there',
  );
  t.equal(repaired.commands.at(-1)?.text, RULE);

  const failed = await verdicts([onServer('ip rule add from nowhere table 102')]);
  t.equal(failed.reason?.code, 'recipe-failed');
  t.strictSame(failed.verdicts, []);
});

t.test('a lab that ends before it is done, and none that can be made', async (t) => {
  const scenario = await scenarioIn(t.testdir());
  const giveUp = new AbortController();
  const rerun = { scenario, step: 2, deeds: [], flows: scenario.steps[2]?.flows ?? [] };
  const end = await rerunStep(rerun, { ...means, signal: giveUp.signal }, (_lab, _flows, probe) => {
    giveUp.abort();
    return probe();
  });
  t.match(end, { journeys: [], reason: { code: 'interrupted' } });
  const none = Promise.reject(new SandboxError('no namespaces here'));
  t.match(await rerunStep(rerun, { ...means, sandbox: none }), { reason: { code: 'lab-not-built' } });
});

t.test('what a repair changes', async (t) => {
  const scenario = await scenarioIn(t.testdir());
  const tried = {
    ...{ scenario, step: 2, flow: 2 },
    verdicts: ['symmetric', 'asymmetric', 'wrong-source'] as const,
  };
  const repair: Repair = { text: 'add a rule', deeds: [onServer(RULE)], isAdvice: true };

  const { commands, ...trial } = await tryRepair(tried, repair, means);
  t.match(commands.at(-1), { node: 'server', text: RULE, exit: 0 });
  t.strictSame(
    trial,
    {
      verdict: 'wrong-source',
      differences: [],
      changes: [{ flow: 1, before: 'asymmetric', after: 'symmetric' }],
      reason: null,
    },
    'a UDP server on the wildcard address has no source for the rule',
  );
  t.match(await tryRepair(tried, { ...repair, probe: { responder: 'pktinfo' } }, means), {
    verdict: 'symmetric',
  });
  t.match(await tryRepair(tried, { ...repair, deeds: [onServer('false')] }, means), {
    verdict: null,
    changes: [],
    reason: { code: 'recipe-failed' },
  });
});
