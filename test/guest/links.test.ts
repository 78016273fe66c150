import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import type { ScenarioInput } from '../../src/format/scenario.js';
import type { FlowResult } from '../../src/model/flow-result.js';
import { complaints, copyChanged, makeFalse } from '../netns/changed.js';
import { ROOT, run } from '../netns/command.js';

/** The scenarios that need what the kernel of a machine for CI may lack. */
const LINKS = join(ROOT, 'scenarios/links');
/** Kinds of interfaces, as a topology has them, that a kernel may lack. */
const KINDS = join(ROOT, 'test/guest/kinds');
const KERNEL = ['--kernel', '6.12'];

t.setTimeout(600_000);

t.test('VLAN, VRF, WireGuard, bonds, GRE, dummy and netem, in a guest', async (t) => {
  const project = join(t.testdir(), 'scenarios');
  await mkdir(project);
  await copyChanged(LINKS, join(project, 'links'), () => {});
  await copyChanged(LINKS, join(project, 'without-policy'), withEmptyScripts);
  await copyChanged(LINKS, join(project, 'false'), makeFalse);
  await copyChanged(KINDS, join(project, 'kinds'), () => {});
  await copyChanged(KINDS, join(project, 'kinds-false'), makeFalse);
  const { report } = await run([project, ...KERNEL]);
  const of = (folder: string) => report.scenarios.filter(({ id }) => id.startsWith(`${folder}/`));
  const found = of('links');
  for (const scenario of found) t.strictSame(complaints(scenario), [], scenario.name);
  for (const scenario of of('kinds')) t.strictSame(complaints(scenario), [], scenario.name);
  t.match(of('kinds'), [{ status: 'passed' }]);
  t.match(of('kinds-false').map(complaints), [[/verdict is [a-z-]+, expected /]]);
  for (const wanted of ['vlan', 'vrf', 'wireguard', 'dummy', 'netem', 'vlan-trunk'])
    t.ok(
      found.some(({ id, status }) => id === `links/${wanted}` && status === 'passed'),
      wanted,
    );
  for (const { name, source, claim, finding } of found) {
    const documented = { source: { document: String }, claim: /\S/, finding: { status: /\S/ } };
    t.match({ source, claim, finding }, documented, name);
  }
  t.equal(of('without-policy').length, found.length);
  for (const { name, reason } of of('without-policy'))
    t.match(reason?.code, /^(flow-not-as-expected|recipe-failed)$/, `${name} does not pass`);
  t.equal(of('false').length, found.length);
  for (const scenario of of('false'))
    t.match(complaints(scenario), [/verdict is [a-z-]+, expected /], `${scenario.name} fails by that`);

  const withoutTags = ({ request, reply, ...flow }: FlowResult) => ({
    ...flow,
    request: { ...request, vlan: null },
    reply: { ...reply, vlan: null },
  });
  // It has no tags, so that what is the trunk's own and what is the VLAN's is told otherwise.
  const byTcpdump = await run([join(project, 'links/vlan.yaml'), ...KERNEL, '--capture', 'tcpdump']);
  t.strictSame(
    byTcpdump.report.scenarios.map(({ steps }) => steps.map(({ flows }) => flows)),
    found
      .filter(({ id }) => id === 'links/vlan')
      .map(({ steps }) => steps.map(({ flows }) => flows.map(withoutTags))),
    'a tcpdump beside each agent sees what the agents see',
  );
});

/** A script that does nothing may still have made the interfaces that are named. */
function withEmptyScripts({ steps }: ScenarioInput): void {
  for (const step of steps) {
    const applies = step.apply === undefined ? [] : [step.apply].flat();
    step.apply = applies.map(({ node }) => ({ node, shell: ':' }));
  }
}
