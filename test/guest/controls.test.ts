import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import t from 'tap';
import { stringify } from 'yaml';
import type { ScenarioInput } from '../../src/format/scenario.js';
import { linesOf } from '../catalogue/carrying-line.js';
import { copyOf } from '../catalogue/copy.js';
import { hasFailedFlow } from '../catalogue/missed.js';
import { makeFalse } from '../netns/changed.js';
import { ROOT, run } from '../netns/command.js';
import { cellsOf, firstOf, grepOf } from '../netns/manners.js';

/*
 * The controls of test/catalogue for what takes another kernel. A guest is slow, so that the line that carries a scenario
 * is named here and not sought, one variant has to do, and they come one after the other. The false expectation of b16 is test/guest/links.test.ts's.
 */
const CONTROLS: readonly Control[] = [
  { name: 'b03-bonding', control: 'without', change: without('ip link set dev eth1 master bond0') },
  { name: 'b03-bonding', control: 'false', change: makeFalse },
  {
    name: 'b08-vlans-and-tunnels',
    control: 'without',
    change: without('ip rule add iif eth1.20 table vlan20'),
  },
  { name: 'b08-vlans-and-tunnels', control: 'false', change: makeFalse },
  {
    name: 'b16-vlan-interfaces',
    control: 'without',
    change: without('ip rule add from 198.51.100.10/32 table admin'),
  },
];

interface Control {
  readonly name: string;
  readonly control: string;
  readonly change: (scenario: ScenarioInput) => void;
}

t.setTimeout(600_000);

t.test('without the line that carries it, and with a false expectation, none passes', async (t) => {
  const project = t.testdir();
  const copies = CONTROLS.map(({ name, control, change }) => ({ id: `${name}-${control}`, name, change }));
  const paths = await Promise.all(
    copies.map(async ({ id, name, change }) => {
      const scenario = await copyOf(join(ROOT, 'scenarios/reports', `${name}.yaml`));
      change(scenario);
      const path = join(project, 'scenarios', `${id}.yaml`);
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, stringify(scenario, { aliasDuplicateObjects: false }));
      return path;
    }),
  );
  const grep = grepOf(firstOf(await cellsOf(paths)).map(({ name }) => name));
  const { report } = await run([
    ...paths,
    '--kernel',
    '6.12',
    '--explain',
    'none',
    '--workers',
    '1',
    '--grep',
    grep,
  ]);
  for (const { name, durationMs } of report.scenarios) t.comment(`${name}: ${durationMs} ms`);
  t.strictSame(
    report.scenarios.map(({ id, steps, reason }) => [id, hasFailedFlow(steps) || reason]).sort(),
    copies.map(({ id }) => [id, true]).sort(),
  );
});

function without(text: string): Control['change'] {
  return (scenario) => {
    const line = linesOf(scenario).find((each) => each.text === text);
    if (line === undefined) throw new Error(`there is no line ${text}`);
    line.remove();
  };
}
