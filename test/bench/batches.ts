import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { LabPlan } from '../../src/model/plan.js';

/** What a plan has ip do, as files for `ip -batch`: `lab`, and `node-NODE` for each of the names in `nodes`. */
export async function writeBatches(plan: LabPlan, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  const names = plan.nodes.map(({ name }) => name);
  const namespaces = names.map((name) => `netns add ${name}`);
  const links = plan.linkCommands.map((command) => command.replace(/@([^@]+)@/g, '$1'));
  await writeLines(join(folder, 'lab'), [...namespaces, ...links]);
  await writeLines(join(folder, 'nodes'), names);
  for (const { name, commands } of plan.nodes) await writeLines(join(folder, `node-${name}`), commands);
}

export function writeLines(file: string, lines: readonly string[]): Promise<void> {
  return writeFile(file, `${lines.join('\n')}\n`);
}
