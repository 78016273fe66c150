import { join } from 'node:path';
import t from 'tap';
import type { PolicyItemInput } from '../../src/format/policy.js';
import type { ScenarioInput } from '../../src/format/scenario.js';
import type { ScenarioResult } from '../../src/model/result.js';
import { complaints, copyChanged, makeFalse } from './changed.js';
import { ROOT, run } from './command.js';

/** Scenarios in which daemons of the machine's run: OpenVPN, WireGuard, dnsmasq, dhclient. */
const FOLDERS = ['dhcp', 'ipv6', 'vpn'];

/** What needs another kernel where this one lacks it: test/guest/daemons.test.ts. */
const OF_KERNELS = 'vpn/wireguard [wireguard=kernel]';

t.setTimeout(300_000);

const { report } = await run([...FOLDERS.map((folder) => join(ROOT, 'scenarios', folder)), '--workers', '2']);
const scenarios = withoutThoseOfKernels(report.scenarios);
const names = scenarios.map(({ name }) => name);

t.test('every scenario passes', async (t) => {
  t.ok(FOLDERS.every((folder) => names.some((name) => name.startsWith(`${folder}/`))));
  for (const scenario of scenarios) {
    t.equal(scenario.status, 'passed', scenario.name);
    t.strictSame(complaints(scenario), [], scenario.name);
  }
});

t.test('what goes through a tunnel is seen within and without', async (t) => {
  const flows = scenarios
    .filter(({ name }) => name.startsWith('vpn/'))
    .flatMap(({ steps }) => steps.flatMap((step) => step.flows));
  const inner = flows.filter(
    ({ verdict, request }) => verdict === 'symmetric' && /^(tun|wg)/.test(request.out ?? ''),
  );
  t.not(inner.length, 0);
  for (const { from, to, request } of inner) {
    const interfaces = request.path.map((hop) => `${hop.node}:${hop.interface}`);
    t.ok(
      interfaces.includes('server:eth0') || interfaces.includes('server:eth1'),
      `${from} to ${to}: ${interfaces}`,
    );
  }
});

t.test('no scenario passes without its policy', async (t) => {
  const changed = await runChanged(t.testdir(), withEmptyScripts);
  t.strictSame(
    changed.map(({ name }) => name),
    names,
  );
  for (const { name, status, reason, steps } of changed) {
    t.not(status, 'passed', name);
    t.equal(reason?.code, 'flow-not-as-expected', name);
    t.not(steps.length, 0, name);
  }
});

t.test('no scenario passes with one expectation made false, and it is that flow that fails', async (t) => {
  const changed = await runChanged(t.testdir(), makeFalse);
  t.strictSame(
    changed.map(({ name }) => name),
    names,
  );
  for (const scenario of changed) {
    t.match(scenario, { status: 'failed', reason: { code: 'flow-not-as-expected' } }, scenario.name);
    const found = complaints(scenario);
    t.equal(found.length, 1, `${scenario.name}: ${found.join('\n')}`);
    t.match(found[0], /verdict is [a-z-]+, expected /, scenario.name);
  }
});

/** What is told apart by a key of the matrix still is. */
function withEmptyScripts({ steps }: ScenarioInput): void {
  const emptied = ({ when }: Pick<PolicyItemInput, 'when'>) => ({ shell: ':', ...(when && { when }) });
  for (const step of steps) {
    const applies = step.apply === undefined ? [] : [step.apply].flat();
    step.apply = applies.map(({ node, items, when }) =>
      items === undefined ? { node, ...emptied({ when }) } : { node, items: items.map(emptied) },
    );
  }
}

async function runChanged(
  project: string,
  change: (scenario: ScenarioInput) => void,
): Promise<readonly ScenarioResult[]> {
  const folder = join(project, 'scenarios');
  for (const each of FOLDERS) await copyChanged(join(ROOT, 'scenarios', each), join(folder, each), change);
  const { report } = await run([folder, '--workers', '2']);
  return withoutThoseOfKernels(report.scenarios);
}

function withoutThoseOfKernels(results: readonly ScenarioResult[]): readonly ScenarioResult[] {
  return results.filter(({ name }) => name !== OF_KERNELS);
}
