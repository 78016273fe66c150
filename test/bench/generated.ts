import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { loadScenarios } from '../../src/load/load.js';
import type { LabPlan } from '../../src/model/plan.js';
import { planLab } from '../../src/plan/lab.js';
import { validate } from '../../src/validate/validate.js';

/** An array of `count` made of what a function gives for 0, 1, 2, … */
export function times<T>(count: number, make: (i: number) => T): T[] {
  return Array.from({ length: count }, (_, i) => make(i));
}

/** Nodes in a row, each joined to the next, both families. */
export function chain(count: number): object {
  const nodes = times(count, (i) => {
    const left = i === 0 ? {} : { left: { addresses: addressesOf(i - 1, 2) } };
    const right = i === count - 1 ? {} : { right: { addresses: addressesOf(i, 1) } };
    return [`n${i}`, { interfaces: { ...left, ...right } }];
  });
  const links = times(count - 1, (i) => [`n${i}:right`, `n${i + 1}:left`]);
  return { nodes: Object.fromEntries(nodes), links };
}

function addressesOf(link: number, end: 1 | 2): string[] {
  const network = `${(link >> 6) & 255}.${(link & 63) * 4 + end}`;
  return [`10.0.${network}/30`, `2001:db8:0:${link.toString(16)}::${end}/64`];
}

/** Writes a scenario with a topology of its own; gives the file. */
export async function writeScenario(folder: string, topology: object, steps: object[]): Promise<string> {
  await mkdir(folder, { recursive: true });
  const file = join(folder, 'generated.yaml');
  await writeFile(file, stringify({ title: 'Generated', topology, steps }));
  return file;
}

/**
 * The plan of the one scenario in a file.
 *
 * @throws Error where the file is not valid: the generator's fault.
 */
export async function planOf(file: string): Promise<LabPlan> {
  const loaded = await loadScenarios([file], { cwd: '/' });
  const { scenarios, diagnostics } = validate(loaded);
  const [scenario] = scenarios;
  if (!scenario) throw new Error(`${file}: ${diagnostics[0]?.message}`);
  return planLab(scenario);
}
