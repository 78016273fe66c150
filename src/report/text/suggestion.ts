import type { Suggestion, VerdictChange } from '../../model/explanation.js';
import type { Detail } from './flow.js';
import { type Line, line, span, words } from './line.js';

/** A suggestion in a line: what to do, and what came of it. */
export function suggestionDetail(suggestion: Suggestion): Detail {
  const { text, commands } = suggestion;
  const nodes = [...new Set(commands.map(({ node }) => node))].join(', ');
  const where = nodes === '' ? '' : `on ${nodes}: `;
  return {
    label: 'try',
    pieces: words(`${where}${commandsText(suggestion) ?? text} (tried: ${outcomeText(suggestion)})`),
  };
}

/** The commands in one line; null where there is none, or they are too long for that. */
function commandsText({ commands }: Suggestion): string | null {
  const texts = commands.map(({ text }) => text);
  const isShort = texts.length > 0 && texts.length <= 2 && texts.every((text) => !text.includes('\n'));
  return isShort ? texts.join('; ') : null;
}

/** `symmetric`, whether that is all that was expected, and how many flows it breaks. */
function outcomeText({ verdict, changes, remaining }: Suggestion): string {
  const broken = changes.filter(({ from }) => from === 'symmetric').length;
  const outcome = remaining.length === 0 ? verdict : `${verdict}, not yet as expected`;
  if (broken === 0) return outcome;
  return `${outcome}, and breaks ${broken === 1 ? 'another flow' : `${broken} other flows`}`;
}

export interface SuggestionExtent {
  /** Breaks what is too long. */
  readonly broken: (prose: Line) => readonly Line[];
  /** Breaks a command where a shell takes it to go on. */
  readonly continued: (command: string) => readonly string[];
  /** Whether every flow that it changes is told. */
  readonly all: boolean;
  /** Whether commands are told, or how many there are. */
  readonly commands: boolean;
}

/** Flows that a suggestion breaks, told by their names where not all are. */
const MOST_BROKEN = 2;

/** A suggestion at length: what came of it, and each command in a line of its own, to be copied. */
export function suggestionLines(suggestion: Suggestion, extent: SuggestionExtent): readonly Line[] {
  const { text, commands, verdict, changes, remaining } = suggestion;
  const { broken } = extent;
  const nodes = [...new Set(commands.map(({ node }) => node))];
  const [sole] = nodes;
  const where = nodes.length === 1 && sole !== undefined ? `on ${sole}, ` : '';
  return [
    ...broken(line(`${where}${text} (tried: ${verdict})${commands.length === 0 ? '' : ':'}`)),
    ...(extent.commands ? nodes.flatMap((node) => commandLines(suggestion, node, nodes, extent)) : []),
    ...(extent.commands || commands.length === 0
      ? []
      : [line(`  ${countText(commands)}, with --verbose`, 'faint')]),
    ...remaining.flatMap((difference) => broken([span('not yet as expected: ', 'bad'), span(difference)])),
    ...changeLines(changes, extent.all).flatMap(broken),
  ];
}

function countText(commands: Suggestion['commands']): string {
  const lines = commands.flatMap(({ text }) => text.split('\n')).length;
  return lines === 1 ? 'one command' : `${lines} lines to paste`;
}

/** Of one node; it is named where there are several. */
function commandLines(
  { commands }: Suggestion,
  node: string,
  nodes: readonly string[],
  { continued }: SuggestionExtent,
): readonly Line[] {
  return [
    ...(nodes.length === 1 ? [] : [line(`on ${node}:`, 'faint')]),
    ...commands
      .filter((command) => command.node === node)
      .flatMap(({ text }) => continued(text).map((each) => line(`  ${each}`))),
  ];
}

/** Those that came back as they should each with its name, for that is what it breaks; others counted. */
function changeLines(changes: readonly VerdictChange[], all: boolean): readonly Line[] {
  const broken = changes.filter(({ from }) => from === 'symmetric');
  const others = changes.filter(({ from }) => from !== 'symmetric');
  const named = all || broken.length <= MOST_BROKEN + 1 ? broken : broken.slice(0, MOST_BROKEN);
  const rest = broken.length - named.length;
  return [
    ...named.map(({ flow, to }): Line => [span('it breaks: ', 'bad'), span(`${flow}, then ${to}`)]),
    ...(rest === 0 ? [] : [[span('it breaks: ', 'bad'), span(`${rest} other flows`)]]),
    ...(all ? kindsOf(others) : briefly(others)).map((text) => line(`it also changes ${text}`)),
  ];
}

/** `reply-lost → symmetric` with the flows that it is true of. */
function kindsOf(changes: readonly VerdictChange[]): readonly string[] {
  const kinds = new Map<string, string[]>();
  for (const { flow, from, to } of changes) {
    const kind = `${from} → ${to}`;
    kinds.set(kind, [...(kinds.get(kind) ?? []), flow]);
  }
  return [...kinds].map(
    ([kind, flows]) => `${flows.length === 1 ? flows[0] : `${flows.length} flows`}: ${kind}`,
  );
}

/** One line at most. */
function briefly(changes: readonly VerdictChange[]): readonly string[] {
  const [kind, ...others] = new Set(changes.map(({ from, to }) => `${from} → ${to}`));
  if (kind === undefined) return [];
  const count = changes.length === 1 ? 'another flow' : `${changes.length} other flows`;
  return [others.length === 0 ? `${count}: ${kind}` : count];
}
