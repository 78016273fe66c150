import type { z } from 'zod';
import type { Mark } from '../load/source.js';
import { get, markAt, subtree, type Tree, toPlain } from '../load/tree.js';
import type { Faults } from './faults.js';
import { suggestion } from './nearest.js';

type Issue = z.core.$ZodIssue;

/** Checks a tree against a schema. Every issue becomes a diagnostic at its place in the file. */
export function checkShape<Schema extends z.ZodType>(
  schema: Schema,
  tree: Tree,
  faults: Faults,
  plain: unknown = toPlain(tree),
): z.infer<Schema> | null {
  const result = schema.safeParse(plain);
  if (result.success) return result.data;
  for (const issue of result.error.issues) report(issue, [], tree, schema, faults);
  return null;
}

function report(
  issue: Issue,
  above: readonly PropertyKey[],
  tree: Tree,
  schema: z.ZodType,
  faults: Faults,
): void {
  const path = [...above, ...issue.path];
  const value = subtree(tree, path);
  const at = markAt(tree, path);
  const where = describe(path);
  switch (issue.code) {
    case 'unrecognized_keys':
      for (const key of issue.keys) {
        const hint = suggestion(
          key,
          keysAt(schema, path, tree),
          'Remove it, or see the format in `replypath schema`.',
        );
        faults.add(markAt(tree, [...path, key], true), 'unknown-key', `unknown key ${key}${where.of}`, hint);
      }
      return;
    case 'invalid_union': {
      if ('discriminator' in issue && 'options' in issue) {
        reportWord(issue.options ?? [], value, where.name, at, faults);
        return;
      }
      if (value === null) {
        reportMissing(path, expectedOf(issue.errors), tree, faults);
        return;
      }
      const branch = bestBranch(issue.errors, value?.kind === 'scalar');
      if (branch === null)
        faults.add(
          at,
          'wrong-type',
          `${where.name} is of the wrong kind`,
          expectedKinds(issue.errors, value),
        );
      else for (const inner of branch) report(inner, path, tree, schema, faults);
      return;
    }
    case 'invalid_type':
      if (value === null) {
        reportMissing(path, article(issue.expected), tree, faults);
        return;
      }
      faults.add(
        at,
        'wrong-type',
        `${where.name} has to be ${article(issue.expected)}, not ${kindOf(value)}`,
        typeHint(issue.expected, value),
      );
      return;
    case 'invalid_value': {
      const values = issue.values.map(String);
      if (value === null) {
        reportMissing(path, `one of ${values.join(', ')}`, tree, faults);
        return;
      }
      if (value.kind === 'scalar' && typeof value.value === 'string' && values.includes(value.value)) {
        const message = `${where.name} is text here, and has to be ${article(typeof issue.values[0])}`;
        faults.add(at, 'wrong-type', message, `Write ${value.value} without quotes.`);
        return;
      }
      reportWord(values, value, where.name, at, faults);
      return;
    }
    case 'invalid_key':
      for (const inner of issue.issues) {
        faults.add(
          markAt(tree, path, true),
          'bad-value',
          `the name ${String(path.at(-1))} ${inner.message}`,
          'Choose another name.',
        );
      }
      return;
    case 'too_small':
    case 'too_big': {
      const own = /^must/.test(issue.message) ? issue.message : limitMessage(issue);
      faults.add(at, 'bad-value', `${where.name} ${own}`, 'Correct the value.');
      return;
    }
    default:
      faults.add(at, 'bad-value', `${where.name} ${issue.message}`, 'Correct the value.');
  }
}

/** A word that is none of those that may stand there. */
function reportWord(
  words: readonly unknown[],
  value: Tree | null,
  name: string,
  at: Mark,
  faults: Faults,
): void {
  const known = words.filter((word) => word !== undefined).map(String);
  const written = value?.kind === 'scalar' ? String(value.value) : '';
  const message = value?.kind === 'scalar' ? `${name} cannot be ${written}` : `${name} has to be a word`;
  faults.add(at, 'bad-value', message, suggestion(written, known, 'Write one of the values it may have.'));
}

function reportMissing(path: readonly PropertyKey[], expected: string, tree: Tree, faults: Faults): void {
  const key = String(path.at(-1));
  const above = path.slice(0, -1);
  faults.add(
    markAt(tree, above, true),
    'missing-key',
    `the key ${key} is missing${describe(above).of}`,
    `Add ${key}: it has to be ${expected}.`,
  );
}

/**
 * The alternative that the author meant: the one whose issues lie inside the value rather than in
 * its kind. Null where no alternative is of the value's kind.
 */
function bestBranch(branches: readonly (readonly Issue[])[], isScalar: boolean): readonly Issue[] | null {
  const fitting = branches.filter((issues) => !issues.some((issue) => isOfOtherKind(issue, isScalar)));
  const literals = fitting.filter((issues) =>
    issues.every((issue) => issue.code === 'invalid_value' && issue.path.length === 0),
  );
  if (literals.length > 1 && literals.length === fitting.length) {
    const values = literals.flat().flatMap((issue) => (issue.code === 'invalid_value' ? issue.values : []));
    return [{ code: 'invalid_value', values, path: [], message: '' }];
  }
  return fitting.sort((a, b) => a.length - b.length)[0] ?? null;
}

/** Whether an issue says that the value as a whole is of another kind. */
function isOfOtherKind(issue: Issue, isScalar: boolean): boolean {
  if (issue.path.length > 0) return false;
  if (issue.code === 'invalid_union') return bestBranch(issue.errors, isScalar) === null;
  return issue.code === 'invalid_type' || (issue.code === 'invalid_value' && !isScalar);
}

function expectedKinds(branches: readonly (readonly Issue[])[], value: Tree | null): string {
  return `Write ${expectedOf(branches)}, not ${value === null ? 'nothing' : kindOf(value)}.`;
}

function expectedOf(branches: readonly (readonly Issue[])[]): string {
  const kinds = new Set<string>();
  const collect = (issues: readonly Issue[]) => {
    for (const issue of issues) {
      if (issue.code === 'invalid_type') kinds.add(article(issue.expected));
      if (issue.code === 'invalid_value') kinds.add('a word');
      if (issue.code === 'invalid_union') issue.errors.forEach(collect);
    }
  };
  branches.forEach(collect);
  return [...kinds].join(' or ');
}

function limitMessage(issue: Issue & { code: 'too_small' | 'too_big' }): string {
  const [word, limit] = issue.code === 'too_small' ? ['at least', issue.minimum] : ['at most', issue.maximum];
  const unit = { array: ' entries', string: ' characters' }[issue.origin as string] ?? '';
  if (issue.code === 'too_small' && limit === 1 && unit !== '') return 'must not be empty';
  return `must be ${unit === '' ? '' : 'of '}${word} ${limit}${unit}`;
}

const NAMES: Readonly<Record<string, string>> = {
  object: 'a map',
  record: 'a map',
  array: 'a list',
  tuple: 'a list',
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  null: 'null',
};

function article(expected: string): string {
  return NAMES[expected] ?? expected;
}

function kindOf(tree: Tree): string {
  if (tree.kind !== 'scalar') return tree.kind === 'map' ? 'a map' : 'a list';
  if (tree.value === null) return 'nothing';
  return typeof tree.value === 'string'
    ? 'text'
    : `${typeof tree.value === 'number' ? 'the number' : 'the word'} ${tree.value}`;
}

function typeHint(expected: string, value: Tree): string {
  if (expected === 'string' && value.kind === 'scalar' && value.value !== null)
    return `Put it in quotes: '${value.value}'.`;
  if ((expected === 'number' || expected === 'int') && value.kind === 'scalar')
    return 'Write a plain decimal number.';
  return `Write ${article(expected)}.`;
}

function describe(path: readonly PropertyKey[]): { name: string; of: string } {
  const text = path.reduce<string>(
    (before, part) =>
      before + (typeof part === 'number' ? `[${part + 1}]` : `${before === '' ? '' : '.'}${String(part)}`),
    '',
  );
  return text === '' ? { name: 'the file', of: '' } : { name: text, of: ` in ${text}` };
}

/** The keys that any alternative of the schema knows at a path. */
function keysAt(schema: z.core.$ZodType, path: readonly PropertyKey[], tree: Tree | null): string[] {
  const { def } = schema._zod as unknown as { def: SchemaDef };
  if (def.innerType !== undefined) return keysAt(def.innerType, path, tree);
  if (def.options !== undefined)
    return meant(def.options, def.discriminator, tree).flatMap((option) => keysAt(option, path, tree));
  const [first, ...rest] = path;
  const below = first === undefined || tree === null ? null : subtree(tree, [first]);
  if (def.shape !== undefined) {
    if (first === undefined) return Object.keys(def.shape);
    const next = Object.hasOwn(def.shape, String(first)) ? def.shape[String(first)] : undefined;
    return next === undefined ? [] : keysAt(next, rest, below);
  }
  const next = first === undefined ? undefined : (def.element ?? def.valueType);
  return next === undefined ? [] : keysAt(next, rest, below);
}

/** The alternatives that the value can be: where a key decides, the one that it says. */
function meant(
  options: readonly z.core.$ZodType[],
  discriminator: string | undefined,
  tree: Tree | null,
): readonly z.core.$ZodType[] {
  if (discriminator === undefined || tree === null) return options;
  const word = get(tree, discriminator);
  const value = word?.kind === 'scalar' ? word.value : undefined;
  return options.filter((option) => option._zod.propValues?.[discriminator]?.has(value ?? undefined));
}

/** What zod's schemas hold, as far as `keysAt` looks. */
interface SchemaDef {
  readonly innerType?: z.core.$ZodType;
  readonly options?: readonly z.core.$ZodType[];
  readonly discriminator?: string;
  readonly shape?: Readonly<Record<string, z.core.$ZodType>>;
  readonly element?: z.core.$ZodType;
  readonly valueType?: z.core.$ZodType;
}
