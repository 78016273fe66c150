import type { Scenario } from '../model/scenario.js';
import type { InvalidScenario } from '../validate/validate.js';

/** Which of the scenarios that were found are meant. */
export interface Selection {
  /** Selects by name, variant included; null selects all. */
  readonly grep: RegExp | null;
  /** Leaves out by name. */
  readonly grepInvert: RegExp | null;
  /** A scenario needs one of these; of those that begin with `!` it may have none. */
  readonly tags: readonly string[];
  /** Names, or ids for all of a file's variants; null selects all. */
  readonly names: ReadonlySet<string> | null;
  /** A part of what all the others select. */
  readonly shard: Shard | null;
}

/** One of `count` parts, from 1. */
export interface Shard {
  readonly index: number;
  readonly count: number;
}

export const EVERYTHING: Selection = { grep: null, grepInvert: null, tags: [], names: null, shard: null };

export interface Selected {
  readonly scenarios: readonly Scenario[];
  readonly invalid: readonly InvalidScenario[];
  /** Something is selected, and all of it belongs to other shards. */
  readonly emptyShard: boolean;
}

interface Found {
  readonly scenarios: readonly Scenario[];
  readonly invalid: readonly InvalidScenario[];
}

/**
 * What a selection leaves of what was found, in the same order. An invalid file is judged by the names and tags
 * that can be read from it; where none can be, it stays, for nobody knows what it would have been.
 */
export function select({ scenarios, invalid }: Found, selection: Selection): Selected {
  const valid = scenarios.filter(
    ({ id, name, tags }) => selectsName(selection, id, name) && selectsTags(selection.tags, tags),
  );
  const broken = invalid.filter(
    ({ id, names, tags }) =>
      (names ?? [id]).some((name) => selectsName(selection, id, name)) &&
      (tags === null || selectsTags(selection.tags, tags)),
  );
  const total = valid.length + broken.length;
  if (selection.shard === null) return { scenarios: valid, invalid: broken, emptyShard: false };
  const mine = shardOf([...valid.map(({ name }) => name), ...broken.map(({ id }) => id)], selection.shard);
  return {
    scenarios: valid.filter(({ name }) => mine.has(name)),
    invalid: broken.filter(({ id }) => mine.has(id)),
    emptyShard: total > 0 && mine.size === 0,
  };
}

function selectsName({ grep, grepInvert, names }: Selection, id: string, name: string): boolean {
  if (grep?.test(name) === false || grepInvert?.test(name) === true) return false;
  return names === null || names.has(name) || names.has(id);
}

function selectsTags(wanted: readonly string[], tags: readonly string[]): boolean {
  const unwanted = wanted.filter((tag) => tag.startsWith('!')).map((tag) => tag.slice(1));
  if (unwanted.some((tag) => tags.includes(tag))) return false;
  const any = wanted.filter((tag) => !tag.startsWith('!'));
  return any.length === 0 || any.some((tag) => tags.includes(tag));
}

/** Every n-th of the sorted names, so that the variants of one file, which cost alike, are spread. */
function shardOf(names: readonly string[], { index, count }: Shard): ReadonlySet<string> {
  return new Set(names.toSorted(byCodeUnit).filter((_, position) => position % count === index - 1));
}

/** The same order on every machine, whatever its locale. */
function byCodeUnit(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** What there is to select by, for suggestions. */
export interface Known {
  readonly names: readonly string[];
  readonly tags: readonly string[];
}

export function knownOf({ scenarios, invalid }: Found): Known {
  return {
    names: [...scenarios.map(({ name }) => name), ...invalid.map(({ id }) => id)],
    tags: [...new Set([...scenarios, ...invalid].flatMap(({ tags }) => tags ?? []))],
  };
}
