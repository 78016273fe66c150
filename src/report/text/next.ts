import { join, relative } from 'node:path';
import type { FlowResult } from '../../model/flow-result.js';
import { labFolder, nameOnAnyKernel, type ReasonCode, type ScenarioResult } from '../../model/result.js';
import { shellWord } from './shell-word.js';

/** What a shell is asked next of a scenario that did not pass, apart from running it again. */
const INSTEAD: Partial<Record<ReasonCode, (result: ScenarioResult) => readonly string[]>> = {
  'scenario-invalid': ({ file }) => [command('replypath', 'validate', pathWord(file))],
  interrupted: () => [],
  'lab-not-built': () => ['replypath doctor'],
  'internal-error': (result) => [`REPLYPATH_DEBUG=1 ${runCommand(result)}`],
};

/** Lines to paste into a shell, to see more of a scenario that did not pass. */
export function nextCommands(result: ScenarioResult): readonly string[] {
  const instead = result.reason === null ? undefined : INSTEAD[result.reason.code];
  if (instead !== undefined) return instead(result);
  const [first] = capturesOfInterest(result);
  const captures = first === undefined ? [] : [command('tcpdump', '-nr', pathWord(first))];
  return [runCommand(result), ...captures];
}

/** The captures of the nodes at which the failed flows were lost, refused or judged: paths as seen from here. */
export function capturesOfInterest({ artifacts, steps }: ScenarioResult): readonly string[] {
  if (artifacts === null) return [];
  const failed = steps.flatMap(({ lab, flows }) =>
    flows.filter(({ status }) => status === 'failed').map((flow) => ({ flow, folder: labFolder(lab) })),
  );
  const files = [
    ...failed.flatMap(({ flow, folder }) => elsewhere(flow).map((node) => join(folder, node))),
    ...failed.map(({ flow, folder }) => join(folder, flow.at)),
  ];
  return [...new Set(files)].map((file) => join(pathFromHere(artifacts), `${file}.pcap`));
}

function elsewhere({ lost, by }: FlowResult): readonly string[] {
  return [lost?.node ?? null, by].filter((node) => node !== null);
}

/** Relative where that is shorter to read: what is below the working directory. */
export function pathFromHere(path: string): string {
  const shorter = relative(process.cwd(), path);
  return shorter === '' || shorter.startsWith('..') ? path : shorter;
}

function runCommand(result: ScenarioResult): string {
  const variant = variantOf(result);
  const grep = variant === '' ? [] : ['--grep', variant.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')];
  const { file, kernelName } = result;
  const kernel = kernelName === undefined ? [] : ['--kernel', kernelName];
  return command('replypath', 'run', pathWord(file), ...grep, ...kernel, '--verbose');
}

/** The name's end in brackets; a run that is typed by hand is not a repetition. */
function variantOf(result: ScenarioResult): string {
  const { id, repetition } = result;
  const name = nameOnAnyKernel(result);
  const end = repetition > 1 ? ` #${repetition}` : '';
  return name.slice(id.length, name.endsWith(end) ? name.length - end.length : undefined).trim();
}

function command(...parts: readonly string[]): string {
  return parts.map(shellWord).join(' ');
}

/** A path that no program takes for an option. */
function pathWord(path: string): string {
  return path.startsWith('-') ? `./${path}` : path;
}
