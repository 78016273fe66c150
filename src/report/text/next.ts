import { join, relative } from 'node:path';
import {
  CAPTURE_FILE,
  labFolder,
  nameOnAnyKernel,
  type ReasonCode,
  type ScenarioResult,
} from '../../model/result.js';
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
  const [first] = capturedFailures(result);
  const more = isTold(result) ? explainCommand(result) : runCommand(result);
  if (first === undefined) return [more];
  const { file, number } = first;
  const packets = command('tshark', '-r', pathWord(file), '-Y', `frame.comment contains "flow ${number} "`);
  return [more, `${packets} -T fields -e frame.comment`];
}

/** Whether one of its flows has a story; `explain` tells that of the first that is not as expected. */
function isTold({ steps }: ScenarioResult): boolean {
  const [first] = steps.flatMap(({ flows }) => flows).filter(({ status }) => status === 'failed');
  return first !== undefined && first.verdict !== 'inconclusive';
}

/** The captures of labs in which a flow failed: paths as seen from here. */
export function capturesOfInterest(result: ScenarioResult): readonly string[] {
  return [...new Set(capturedFailures(result).map(({ file }) => file))];
}

/** Each failed flow: its number in the scenario, from 1, and the file with its packets. */
function capturedFailures({
  artifacts,
  steps,
}: ScenarioResult): readonly { readonly number: number; readonly file: string }[] {
  if (artifacts === null) return [];
  const folder = pathFromHere(artifacts);
  const flows = steps.flatMap(({ lab, flows }) => flows.map(({ status }) => ({ lab, status })));
  return flows.flatMap(({ lab, status }, index) =>
    status === 'failed' ? [{ number: index + 1, file: join(folder, labFolder(lab), CAPTURE_FILE) }] : [],
  );
}

/** Relative where that is shorter to read: what is below the working directory. */
export function pathFromHere(path: string): string {
  const shorter = relative(process.cwd(), path);
  return shorter === '' || shorter.startsWith('..') ? path : shorter;
}

function runCommand(result: ScenarioResult): string {
  return command('replypath', 'run', ...scenarioWords(result), '--verbose');
}

type Named = Pick<ScenarioResult, 'id' | 'name' | 'file' | 'kernelName' | 'repetition'>;

/** What to type for the story of one of a scenario's flows; without more, of the first that is not as expected. */
export function explainCommand(result: Named, ...more: readonly string[]): string {
  return command('replypath', 'explain', ...scenarioWords(result), ...more);
}

/** By which arguments `run` and `explain` find the scenario again. */
function scenarioWords(result: Named): readonly string[] {
  const variant = variantOf(result);
  const grep = variant === '' ? [] : ['--grep', variant.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')];
  const { file, kernelName } = result;
  return [pathWord(file), ...grep, ...(kernelName === undefined ? [] : ['--kernel', kernelName])];
}

/** The name's end in brackets; a run that is typed by hand is not a repetition. */
function variantOf(result: Named): string {
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
