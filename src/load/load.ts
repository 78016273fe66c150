import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Diagnostic } from '../model/diagnostic.js';
import { findFiles, type NamedLine, projectFolder, scenarioId } from './find.js';
import { type LoadedFile, readYaml } from './read.js';
import { available, candidates, type Reference, type ReferenceKind, referencesOf } from './references.js';
import { diagnosticOf } from './source.js';

export interface LoadOptions {
  /** Absolute; paths are relative to it. */
  readonly cwd: string;
  /** Folders with `topologies` and `policies`, searched in order; the one beside `scenarios` comes first. */
  readonly labDirs?: readonly string[];
}

/** Everything that validation needs, read: nothing after this stage reads a file. */
export interface Loaded {
  readonly scenarios: readonly LoadedScenario[];
  /** Faults that belong to no scenario file: paths and lines that name nothing. */
  readonly diagnostics: readonly Diagnostic[];
  /** The file that a file means by a name; null where there is none. */
  lookup(from: string, reference: Reference): LoadedFile | null;
  /** Names of topologies or policies, for suggestions. */
  readonly names: Readonly<Record<ReferenceKind, readonly string[]>>;
}

export interface LoadedScenario {
  readonly id: string;
  readonly file: LoadedFile;
  /** The lines at which it was named (`file:line`); null where as a whole. */
  readonly lines: readonly number[] | null;
}

/**
 * Reads scenario files (paths, folders, patterns; `scenarios` if there are none) and all that they
 * refer to. Faults of files are diagnostics; a bad file never stops the others.
 */
export async function loadScenarios(paths: readonly string[], options: LoadOptions): Promise<Loaded> {
  const { cwd } = options;
  const found = await findFiles(paths.length > 0 ? paths : ['scenarios'], cwd);
  const loader = new Loader(cwd, options.labDirs ?? [join(cwd, 'lab')]);
  const scenarios: LoadedScenario[] = [];
  const diagnostics = [...found.diagnostics];
  for (const { path, lines } of found.files) {
    const file = await loader.load(path);
    const id = scenarioId(path, cwd);
    if (lines === null) {
      scenarios.push({ id, file, lines });
      continue;
    }
    const beyond = lines.filter(({ line }) => line > lineCount(file));
    diagnostics.push(...beyond.map((named) => noSuchLine(file, named)));
    const inside = lines.filter((named) => !beyond.includes(named)).map(({ line }) => line);
    if (inside.length > 0) scenarios.push({ id, file, lines: inside });
  }
  return {
    scenarios,
    diagnostics,
    lookup: (from, reference) => loader.found.get(keyOf(from, reference)) ?? null,
    names: { topology: await loader.names('topology'), policy: await loader.names('policy') },
  };
}

/** Of a file that could not be read nobody knows. */
function lineCount({ tree }: LoadedFile): number {
  if (tree === null) return Number.POSITIVE_INFINITY;
  const { text } = tree.at.source;
  return text.split('\n').length - (text.endsWith('\n') ? 1 : 0);
}

function noSuchLine(file: LoadedFile, { given, line }: NamedLine): Diagnostic {
  const message = `${file.file} has ${lineCount(file)} lines, and no line ${line}`;
  return diagnosticOf(given, 'no-such-line', message, 'Name a line of the step that is meant.');
}

class Loader {
  readonly found = new Map<string, LoadedFile | null>();
  readonly #files = new Map<string, Promise<LoadedFile>>();
  readonly #searched = new Set<string>();

  constructor(
    readonly cwd: string,
    readonly labDirs: readonly string[],
  ) {}

  /** Reads a file and, once each, all that it leads to. `labDirs` come from the scenario that began it. */
  async load(path: string, labDirs = this.#labDirsOf(path)): Promise<LoadedFile> {
    const known = this.#files.get(path);
    if (known !== undefined) return known;
    const reading = readYaml(path, this.cwd);
    this.#files.set(path, reading);
    const file = await reading;
    if (file.tree === null) return file;
    for (const reference of referencesOf(file.tree)) {
      const key = keyOf(path, reference);
      if (this.found.has(key)) continue;
      const target = await firstExisting(candidates(reference, path, labDirs));
      this.found.set(key, target === null ? null : await this.load(target, labDirs));
    }
    return file;
  }

  names(kind: ReferenceKind): Promise<string[]> {
    return available(kind, [...this.#searched, ...this.labDirs]);
  }

  #labDirsOf(path: string): readonly string[] {
    const project = projectFolder(path);
    if (project === null) return this.labDirs;
    this.#searched.add(join(project, 'lab'));
    return [...new Set([join(project, 'lab'), ...this.labDirs])];
  }
}

function keyOf(from: string, { kind, name }: Reference): string {
  return `${kind}\n${from}\n${name}`;
}

async function firstExisting(paths: readonly string[]): Promise<string | null> {
  for (const path of paths) {
    if (
      await stat(path)
        .then(() => true)
        .catch(() => false)
    )
      return path;
  }
  return null;
}
