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

/** `symmetric`, and how many flows it breaks. */
function outcomeText({ verdict, changes }: Suggestion): string {
  const broken = changes.filter(({ from }) => from === 'symmetric').length;
  if (broken === 0) return verdict;
  return `${verdict}, and breaks ${broken === 1 ? 'another flow' : `${broken} other flows`}`;
}

/**
 * A suggestion at length: each command in a line of its own, to be copied, and below them what came of it.
 *
 * @param broken breaks what is too long; commands stay as they are.
 */
export function suggestionLines(
  { text, commands, verdict, changes }: Suggestion,
  broken: (prose: Line) => readonly Line[],
): readonly Line[] {
  const nodes = [...new Set(commands.map(({ node }) => node))];
  const [sole, another] = nodes;
  const isOne = sole !== undefined && another === undefined;
  return [
    ...broken(line(isOne ? `on ${sole}, ${text}:` : text)),
    ...nodes.flatMap((node) => [
      ...(isOne ? [] : [line(`on ${node}:`, 'faint')]),
      ...commands
        .filter((command) => command.node === node)
        .flatMap((command) => command.text.split('\n').map((each) => line(`  ${each}`))),
    ]),
    [span('tried in a fresh lab: ', 'faint'), span(verdict, 'good')],
    ...changeLines(changes).flatMap(broken),
  ];
}

/** Those that came back as they should each with its name, for that is what it breaks; others counted. */
function changeLines(changes: readonly VerdictChange[]): readonly Line[] {
  const broken = changes.filter(({ from }) => from === 'symmetric');
  const others = new Map<string, string[]>();
  for (const { flow, from, to } of changes) {
    if (from === 'symmetric') continue;
    const change = `${from} → ${to}`;
    others.set(change, [...(others.get(change) ?? []), flow]);
  }
  return [
    ...broken.map(({ flow, to }): Line => [span('it breaks: ', 'bad'), span(`${flow}, then ${to}`)]),
    ...[...others].map(([change, flows]) =>
      line(`it also changes ${flows.length === 1 ? flows[0] : `${flows.length} flows`}: ${change}`),
    ),
  ];
}
