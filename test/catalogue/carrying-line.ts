import type { PolicyItemInput } from '../../src/format/policy.js';
import type { ScenarioInput } from '../../src/format/scenario.js';

/** A line of a scenario's recipes, or an entry of them, and how to take it away. */
export interface RecipeLine {
  /** As it is written: `ip rule add from 198.51.100.10 table rt2`. */
  readonly text: string;
  /** Takes it out of a copy of the scenario in which lines before it, in the order of {@link linesOf}, may still be. */
  readonly remove: () => void;
}

/**
 * Every line and entry of a scenario's recipes, that which is likeliest to carry it first: rules, then routes, then settings,
 * then the rest, each from the last one on; and in the same order what its topology does and what happens. The same line for
 * two families or nodes counts once for each.
 */
export function linesOf({ steps, topology }: ScenarioInput): readonly RecipeLine[] {
  const applied = steps
    .flatMap(({ apply, during }) => [
      ...(apply === undefined ? [] : [apply].flat()),
      ...(during ?? []).flatMap((each) => each.apply ?? []),
    ])
    .flatMap((apply) => [apply, ...(apply.items ?? [])]);
  const own = typeof topology === 'string' ? [] : Object.values(topology.nodes ?? {});
  const given = own.flatMap((node) => (Array.isArray(node?.policy) ? node.policy : [])).flatMap(linesOfItem);
  const events = steps.flatMap(linesOfEvents);
  return [...likeliestFirst(applied.flatMap(linesOfItem)), ...likeliestFirst([...given, ...events])];
}

function likeliestFirst(lines: readonly RecipeLine[]): readonly RecipeLine[] {
  return lines
    .map((line, i) => ({ line, key: rank(line.text) * 10_000 - i }))
    .sort((a, b) => a.key - b.key)
    .map(({ line }) => line);
}

/** By what most often carries a recipe. */
const RANKS: readonly RegExp[] = [/\brule\b/, /\broutes?\b/, /=|sysctl/];

function rank(text: string): number {
  const found = RANKS.findIndex((pattern) => pattern.test(text));
  return found === -1 ? RANKS.length : found;
}

function linesOfItem(item: PolicyItemInput): RecipeLine[] {
  return [
    ...textLines(item.shell, (text) => {
      item.shell = text;
    }),
    ...textLines(item.nft, (text) => {
      item.nft = text;
    }),
    ...textLines(item.iptables, (text) => {
      item.iptables = text;
    }),
    ...textLines(item.ip6tables, (text) => {
      item.ip6tables = text;
    }),
    ...entries(item.ip?.rules, 'rule'),
    ...entries(item.ip?.routes, 'route'),
    ...Object.keys(item.sysctl ?? {}).map((key) => ({
      text: `${key}=${item.sysctl?.[key]}`,
      remove: () => {
        item.sysctl = { [key]: 0 };
      },
    })),
    ...linesOfFiles(item.files),
    ...linesOfFiles(item.configure?.files),
    ...(item.policy === undefined
      ? []
      : [
          {
            text: `policy ${item.policy}`,
            remove: () => {
              item.policy = 'none';
            },
          },
        ]),
  ];
}

function linesOfFiles(files: PolicyItemInput['files'] = {}): RecipeLine[] {
  return Object.entries(files).flatMap(([path, file]) => {
    if (typeof file !== 'string')
      return textLines(file.text, (text) => {
        file.text = text;
      });
    return textLines(file, (text) => {
      files[path] = text;
    });
  });
}

/** What is no command, what holds commands together, and what only looks at what they made, also through a pipe. */
const NO_LINES =
  /^\s*(#|[})]|$|(done|fi|esac|END|EOF|table|chain|until|while)\b)|(^\s*|\|\s*)(\[|(diff|test|grep|cmp)\s)/;

/** A line that goes on in the next one is one with it. */
function textLines(text: string | undefined, set: (text: string) => void): RecipeLine[] {
  if (text === undefined) return [];
  const lines = text.match(/(?:.*\\\n)*.*(?:\n|$)/g) ?? [];
  return lines.flatMap((line, i) =>
    NO_LINES.test(line)
      ? []
      : [
          {
            text: line.trim(),
            remove: () => set(lines.map((each, at) => (at === i ? '\n' : each)).join('')),
          },
        ],
  );
}

function entries(list: readonly unknown[] | undefined, kind: string): RecipeLine[] {
  return (list ?? []).map((entry, i) => ({
    text: `${kind} ${JSON.stringify(entry)}`,
    remove: () => void (list as unknown[]).splice(i, 1),
  }));
}

function linesOfEvents(step: ScenarioInput['steps'][number]): RecipeLine[] {
  return [
    ...(step.event === undefined
      ? []
      : [{ text: `event ${JSON.stringify(step.event)}`, remove: () => void delete step.event }]),
    ...(step.during ?? []).map((each, i) => ({
      text: `during ${JSON.stringify(each)}`,
      remove: () => void step.during?.splice(i, 1),
    })),
  ];
}
