import type { FlowResult } from '../model/flow-result.js';
import type { CommandReport, DoneDeed, StepOutcome } from '../model/result.js';
import { shown } from './shell.js';

/** What happened when a scenario was carried out, for the script that does it again. */
export interface Course {
  /** Of the steps that were begun and came to an end, in their order. */
  readonly steps: readonly StepCourse[];
  /** What the run was and how it ended, a sentence each. */
  readonly summary: readonly string[];
}

/** What configuration tools made of their files. */
export function configuredComments({ outcome }: StepCourse): string[] {
  return (outcome.configured ?? []).flatMap(({ node, tool, asked, ignored, added }) => [
    note(`${node}, ${tool}: ${asked} asked for, ${ignored.length} not there, ${added.length} more`),
    ...ignored.map((text) => note(`  not there: ${text}`)),
    ...added.map((text) => note(`  more: ${text}`)),
  ]);
}

export interface StepCourse {
  readonly outcome: StepOutcome;
  /** What was done ahead of its flows, up to the first that went wrong. */
  readonly deeds: readonly DoneDeed[];
}

/** Comments behind what was done. */
export function deedComments({ atMs, tookMs, commands }: DoneDeed): string[] {
  const telling = commands.filter(({ exit, message }) => exit !== 0 || message !== '');
  const silent = commands.length - telling.length;
  return [
    note(`at ${atMs.toFixed(1)} ms, for ${tookMs.toFixed(1)} ms${silentText(silent)}`),
    ...telling.map((command) => note(`  ${commandText(command)}`)),
  ];
}

/** What happened while flows ran, and which processes ended unasked. */
export function otherComments({ outcome, deeds }: StepCourse): string[] {
  const told = new Set(deeds.flatMap(({ commands }) => commands));
  return outcome.commands
    .filter((command) => !told.has(command))
    .map((command) =>
      note(
        `${command.atMs === undefined ? '' : `${command.atMs} ms into the flows: `}${commandText(command)}`,
      ),
    );
}

export function flowComments(flow: FlowResult): string[] {
  const { status, verdict, request, reply, sent, received, differences, cause } = flow;
  const ways = [['request', request] as const, ['reply', reply] as const].flatMap(
    ([leg, { in: entered, out }]) => {
      const words = [entered === null ? [] : ['in', entered], out === null ? [] : ['out', out]].flat();
      return words.length === 0 ? [] : [`${leg} ${words.join(' ')} at ${flow.at}`];
    },
  );
  return [
    note([`${status}: ${verdict}`, ...ways, `${sent} sent, ${received} answered`].join('; ')),
    ...differences.map((difference) => note(`  ${difference}`)),
    ...(cause === null ? [] : [note(`  cause: ${cause.text} (${cause.code})`)]),
  ];
}

/** On one line, so that nothing in it is read as more than a comment. */
export function note(text: string): string {
  const indent = /^ */.exec(text)?.[0] ?? '';
  return `# -> ${indent}${shown(text)}`;
}

function silentText(count: number): string {
  if (count === 0) return '';
  return count === 1 ? ': 1 command, exit 0 without a word' : `: ${count} commands, exit 0 without a word`;
}

function commandText({ node, file, line, text, exit, message, unexpected }: CommandReport): string {
  const said = message === '' ? '' : `: ${message}`;
  const expected = exit === 0 ? '' : unexpected ? ', not expected' : ', dealt with or expected';
  const where = file === undefined ? '' : `${file}, `;
  return `${node}, ${where}line ${line}: ${text}: exit ${exit}${expected}${said}`;
}
