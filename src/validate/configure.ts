import type { ConfigureInput } from '../format/configure.js';
import { markAt, type Tree } from '../load/tree.js';
import type { ConfigureItem } from '../model/policy.js';
import { TOOLS_BY_NAME } from '../tools/tools.js';
import type { Faults } from './faults.js';
import { filesToWrite } from './process.js';

/** A configuration tool with its files; nothing where it lacks what it cannot be run without. */
export function configureItems(
  tree: Tree,
  path: readonly PropertyKey[],
  { tool, name, interfaces, files }: ConfigureInput,
  faults: Faults,
): readonly ConfigureItem[] {
  const item: ConfigureItem = {
    ...{ kind: 'configure', tool, name: name ?? tool },
    ...{ interfaces: interfaces ?? [], files: filesToWrite(files) },
  };
  const fault = TOOLS_BY_NAME[tool].faultOf(item);
  if (fault === null) return [item];
  faults.add(markAt(tree, path), 'tool-lacks-file', fault.message, fault.hint);
  return [];
}
