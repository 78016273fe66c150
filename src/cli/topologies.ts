import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { dir } from 'tmp-promise';
import { loadScenarios } from '../load/load.js';
import { available } from '../load/references.js';
import { get, toPlain } from '../load/tree.js';
import type { Topology } from '../model/topology.js';
import { packageFolder } from '../system/package-folder.js';
import { validate } from '../validate/validate.js';

/** A topology that a new scenario can name. */
export interface KnownTopology {
  readonly name: string;
  /** As its file has it. */
  readonly text: string;
  readonly title: string;
  /** The values of its own parameters. */
  readonly parameters: Readonly<Record<string, readonly (string | number)[]>>;
  readonly topology: Topology;
}

/** The valid topologies of `lab`, of the working directory and of the package. */
export async function knownTopologies(cwd: string): Promise<KnownTopology[]> {
  const labDirs = [join(cwd, 'lab'), join(packageFolder(), 'lab')];
  const names = await available('topology', labDirs);
  return withFiles(
    names.map((name) => [name, JSON.stringify({ title: name, topology: name, steps: [{}] })]),
    async (folder) => {
      const loaded = await loadScenarios([folder], { cwd, labDirs });
      const { scenarios } = validate(loaded);
      return scenarios.flatMap(({ title: name, file, topology }) => {
        const from = loaded.scenarios.find((loadedScenario) => loadedScenario.file.file === file);
        const found = loaded.lookup(from?.file.path ?? '', { kind: 'topology', name });
        if (found?.tree == null) return [];
        const title = get(found.tree, 'title');
        return [
          {
            name,
            text: found.tree.at.source.text,
            title: title?.kind === 'scalar' ? String(title.value) : '',
            parameters: parametersOf(toPlain(found.tree)),
            topology,
          },
        ];
      });
    },
  );
}

/** Does something with files in a temporary folder, by their names without `.yaml`. */
export async function withFiles<T>(
  files: readonly (readonly [name: string, text: string])[],
  use: (folder: string) => Promise<T>,
): Promise<T> {
  const { path, cleanup } = await dir({ unsafeCleanup: true });
  try {
    await Promise.all(files.map(([name, text]) => writeFile(join(path, `${name}.yaml`), text)));
    return await use(path);
  } finally {
    await cleanup();
  }
}

function parametersOf(plain: unknown): KnownTopology['parameters'] {
  const { params = {} } = plain as { params?: Readonly<Record<string, unknown>> };
  const values = Object.entries(params).flatMap(([name, parameter]) =>
    typeof parameter === 'object' && parameter !== null && 'values' in parameter
      ? [[name, parameter.values as (string | number)[]] as const]
      : [],
  );
  return Object.fromEntries(values);
}
