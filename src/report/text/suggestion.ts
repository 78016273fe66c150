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

/** `symmetric`, and what else it changes. */
function outcomeText({ verdict, changes }: Suggestion): string {
  if (changes.length === 0) return verdict;
  const count = changes.length === 1 ? 'another flow' : `${changes.length} other flows`;
  return `${verdict}, and changes ${count}`;
}

/** A suggestion at length: each command in a line of its own, to be copied, and below them what came of it. */
export function suggestionLines({ text, commands, verdict, changes }: Suggestion): readonly Line[] {
  let at: string | null = null;
  const typed = commands.flatMap(({ node, text: command }): readonly Line[] => {
    const lead: readonly Line[] = node === at ? [] : [line(`on ${node}`, 'faint')];
    at = node;
    return [...lead, ...command.split('\n').map((each) => line(`  ${each}`))];
  });
  return [
    line(text),
    ...typed,
    [span('tried in a fresh lab: ', 'faint'), span(verdict, 'good')],
    ...changes.map(changeLine),
  ];
}

function changeLine({ flow, from, to }: VerdictChange): Line {
  return [span('it changes another flow: ', 'doubt'), span(`${flow}: ${from} → ${to}`)];
}
