import { createTwoFilesPatch } from 'diff';
import { commandOf, type Section } from '../../evidence/sections.js';

/** What a person would ask, in this order. */
export const SECTIONS: readonly Section[] = [
  ...(['rules4', 'rules6', 'routes4', 'routes6', 'addresses', 'neighbours', 'ruleset', 'sysctls'] as const),
];

/** What a node's own tools say of it, by section. */
export type StateTexts = ReadonlyMap<Section, string>;

/** By node, in the order of the lab. */
export type LabState = ReadonlyMap<string, StateTexts>;

/** A node as it was at the beginning and at the end of its lab. */
export interface NodeChange {
  readonly node: string;
  readonly before: string;
  readonly after: string;
}

/**
 * The nodes whose configuration has changed, and those named. Neighbours are learned wherever packets pass: they alone
 * are no change.
 */
export function changesOf(before: LabState, after: LabState, named: ReadonlySet<string>): NodeChange[] {
  return [...after].flatMap(([node, then]) => {
    const first = before.get(node) ?? new Map();
    const isChanged = SECTIONS.some(
      (section) => section !== 'neighbours' && linesOf(section, first) !== linesOf(section, then),
    );
    if (!isChanged && !named.has(node)) return [];
    return [{ node, before: stateText(first, then), after: stateText(then, first) }];
  });
}

/** All of them as one patch; empty where nothing differs. */
export function diffText(changes: readonly NodeChange[]): string {
  return changes
    .filter(({ before, after }) => before !== after)
    .map(({ node, before, after }) => {
      const patch = createTwoFilesPatch(
        `${node}.before`,
        `${node}.after`,
        before,
        after,
        undefined,
        undefined,
        {
          context: 3,
        },
      );
      return patch.replace(/^=+\n/, '');
    })
    .join('');
}

/** Each section under its command. There are thousands of sysctls: only those that are not the same in the other are told. */
function stateText(state: StateTexts, other: StateTexts): string {
  return SECTIONS.map((section) => {
    const text = linesOf(section, state);
    if (section !== 'sysctls') return `$ ${commandOf(section)}\n${text}`;
    const same = new Set(linesOf(section, other).split('\n'));
    const lines = text.split('\n').filter((line) => line !== '' && !same.has(line));
    return ['# sysctls that have changed', ...lines.map(settingText)].map((line) => `${line}\n`).join('');
  }).join('\n');
}

/** `/proc/sys/net/ipv4/ip_forward:1` as sysctl(8) has it: `net.ipv4.ip_forward = 1`. */
function settingText(line: string): string {
  const at = line.indexOf(':');
  const key = line.slice('/proc/sys/'.length, at).replace(/[./]/g, (sign) => (sign === '/' ? '.' : '/'));
  return `${key} = ${line.slice(at + 1)}`;
}

/** In the same order whenever they are the same: some come as the kernel happened to make them. */
function linesOf(section: Section, state: StateTexts): string {
  const text = state.get(section) ?? '';
  if (!UNORDERED.has(section)) return text;
  const lines = text.split('\n').filter((line) => line !== '');
  const isSorted = (line: string) => section !== 'routes6' || OF_EACH_INTERFACE.test(line);
  const sorted = [...lines.filter((line) => !isSorted(line)), ...lines.filter(isSorted).sort()];
  return sorted.map((line) => `${line}\n`).join('');
}

const UNORDERED: ReadonlySet<Section> = new Set(['routes6', 'neighbours', 'sysctls']);

/** Routes that the kernel adds for each interface, in the order in which they came up. */
const OF_EACH_INTERFACE = /(^| )(fe80:|ff00:)/;
