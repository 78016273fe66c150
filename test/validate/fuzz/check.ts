import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { DIAGNOSTIC_CODES } from '../../../src/format/codes.js';
import { loadScenarios } from '../../../src/load/load.js';
import type { Diagnostic } from '../../../src/model/diagnostic.js';
import { planFlows } from '../../../src/plan/flows.js';
import { planLab } from '../../../src/plan/lab.js';
import { validate } from '../../../src/validate/validate.js';

/** A file that is or was valid, or has faults of its own, and the scenario that leads to it. */
export interface Seed {
  readonly name: string;
  readonly content: Buffer;
  /** The text of a scenario that names the file `./mutated.yaml`; null where it is a scenario itself. */
  readonly user: string | null;
}

const FOLDERS: readonly (readonly [folder: string, user: string | null])[] = [
  ['scenarios', null],
  ['test/validate/errors', null],
  ['test/netns/verdicts', null],
  ['test/netns/recipes', null],
  [
    'lab/topologies',
    'title: t\ntopology: ./mutated.yaml\nmatrix: { family: [4, 6] }\nsteps: [{ title: nothing }]\n',
  ],
  [
    'lab/policies',
    'title: p\ntopology: dual-isp\nfamily: 4\nsteps: [{ apply: { node: server, policy: ./mutated.yaml } }]\n',
  ],
];

/** The files of this repository of which each case is a mutation. */
export async function readSeeds(root: string): Promise<Seed[]> {
  const seeds: Seed[] = [];
  for (const [folder, user] of FOLDERS) {
    const names = await readdir(join(root, folder), { recursive: true });
    for (const name of names.filter((one) => one.endsWith('.yaml')).sort()) {
      const content = await readFile(join(root, folder, name));
      if (content.length < 50_000) seeds.push({ name: join(folder, name), content, user });
    }
  }
  return seeds;
}

export interface Checked {
  /** What is wrong with how the file was taken; empty where nothing is. */
  readonly complaints: readonly string[];
  readonly codes: readonly string[];
  /** Processor time of loading and validating once. */
  readonly ms: number;
}

/** Far more than any file takes, on a machine that is busy with other things. */
const MAXIMUM_MS = 5_000;

/** Loads and validates a mutated file in `folder` twice, and says what should not have come of it. */
export async function check(root: string, folder: string, seed: Seed, content: Buffer): Promise<Checked> {
  const file = join(folder, 'scenarios/mutated.yaml');
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, content);
  const path = seed.user === null ? file : join(folder, 'scenarios/user.yaml');
  if (seed.user !== null) await writeFile(path, seed.user);
  const labDirs = [join(root, 'lab'), join(root, 'test/validate/errors/lab')];
  const once = async () => validate(await loadScenarios([path], { cwd: folder, labDirs }));
  try {
    const before = process.cpuUsage();
    const { scenarios, invalid, diagnostics } = await once();
    const { user, system } = process.cpuUsage(before);
    const ms = (user + system) / 1000;
    const complaints = ms > MAXIMUM_MS ? [`took ${ms} ms`] : [];
    for (const diagnostic of diagnostics) complaints.push(...(await complaintsAbout(diagnostic, folder)));
    if (scenarios.length === 0 && diagnostics.length === 0) complaints.push('no scenario, and nothing said');
    if (invalid.length > 0 && scenarios.length > 0) complaints.push('both valid and invalid');
    for (const scenario of scenarios) {
      planLab(scenario);
      planFlows(scenario);
    }
    const again = await once();
    if (JSON.stringify(again.diagnostics) !== JSON.stringify(diagnostics))
      complaints.push('not the same twice');
    return { complaints, codes: diagnostics.map(({ code }) => code), ms };
  } catch (error) {
    const said = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return { complaints: [`thrown: ${said}`], codes: [], ms: 0 };
  }
}

async function complaintsAbout(diagnostic: Diagnostic, folder: string): Promise<string[]> {
  const { code, message, hint, place } = diagnostic;
  const complaints: string[] = [];
  const complain = (what: string) => complaints.push(`${what}: ${JSON.stringify(diagnostic)}`);
  if (!Object.hasOwn(DIAGNOSTIC_CODES, code)) complain('unknown code');
  if (message.trim() === '' || hint.trim() === '') complain('empty message or hint');
  if (/\bundefined\b|\[object |Maximum call stack|TypeError|RangeError/.test(message + hint))
    complain('raw message');
  if (message.length > 1000 || hint.length > 1000) complain('endless message');
  if (/[\p{Cc}\u202a-\u202e\u200b]/u.test(message + hint + place.frame.replaceAll('\n', '')))
    complain('unseen');
  if (code === 'unreadable-file') return complaints;
  const bytes = await readFile(join(folder, place.file)).catch(() => readFile(place.file));
  const lines = new TextDecoder().decode(bytes).split('\n');
  const line = lines[place.line - 1];
  if (line === undefined || place.column < 1 || place.column > line.length + 1) complain('not in the file');
  return complaints;
}
