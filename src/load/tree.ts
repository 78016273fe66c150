import { type Document, isAlias, isMap, isScalar, isSeq, type Node, parseDocument } from 'yaml';
import type { Diagnostic } from '../model/diagnostic.js';
import { diagnosticAt, diagnosticOf, type Mark, type Source } from './source.js';

/**
 * A YAML value that knows where it stands: what validation works on. It stays located when trees of
 * several files are merged and entries are left out.
 */
export type Tree = ScalarTree | ListTree | MapTree;

export interface ScalarTree {
  readonly kind: 'scalar';
  readonly value: string | number | boolean | null;
  readonly at: Mark;
}

export interface ListTree {
  readonly kind: 'list';
  readonly items: readonly Tree[];
  readonly at: Mark;
}

export interface MapTree {
  readonly kind: 'map';
  readonly entries: ReadonlyMap<string, Entry>;
  readonly at: Mark;
}

export interface Entry {
  readonly key: Mark;
  readonly value: Tree;
}

/** Far above any real file, far below what aliases of aliases can reach. */
const MAXIMUM_VALUES = 100_000;

/** Later ones are mostly consequences of the first. */
const MAXIMUM_SYNTAX_FAULTS = 3;

/** Raised and caught in this file only. */
class Unreadable extends Error {
  constructor(readonly diagnostic: Diagnostic) {
    super(diagnostic.message);
  }
}

/** Reads one YAML 1.2 document (core schema, unique keys). */
export function parseTree(source: Source): { tree: Tree | null; diagnostics: Diagnostic[] } {
  try {
    return parse(source);
  } catch (error) {
    // The parser and the reader below recurse: the only way for a file to exhaust the stack.
    if (!(error instanceof RangeError)) throw error;
    const message = 'the values of this file are nested too deeply';
    return { tree: null, diagnostics: [diagnosticOf(source.file, 'yaml-syntax', message, 'Flatten it.')] };
  }
}

function parse(source: Source): { tree: Tree | null; diagnostics: Diagnostic[] } {
  const document = parseDocument(source.text, { version: '1.2', uniqueKeys: true, prettyErrors: false });
  const faults = [...document.errors, ...document.warnings];
  if (faults.length > 0) {
    const shown = faults.slice(0, MAXIMUM_SYNTAX_FAULTS);
    return { tree: null, diagnostics: shown.map((fault) => syntaxDiagnostic(source, fault)) };
  }
  if (document.contents === null || (isScalar(document.contents) && document.contents.value === null)) {
    const hint = 'Write a YAML document into it, or delete it.';
    return {
      tree: null,
      diagnostics: [diagnosticOf(source.file, 'empty-file', 'the file holds no document', hint)],
    };
  }
  try {
    return { tree: new Reader(source, document).read(document.contents), diagnostics: [] };
  } catch (error) {
    if (error instanceof Unreadable) return { tree: null, diagnostics: [error.diagnostic] };
    throw error;
  }
}

function syntaxDiagnostic(
  source: Source,
  fault: { code: string; message: string; pos: [number, number] },
): Diagnostic {
  const mark = { source, offset: Math.min(fault.pos[0], source.text.length) };
  const message =
    fault.code === 'MULTIPLE_DOCS'
      ? 'the file holds several documents'
      : (fault.message.split('\n')[0] ?? fault.message);
  return diagnosticAt(mark, 'yaml-syntax', message, HINTS[fault.code] ?? 'Correct the YAML at this place.');
}

const HINTS: Readonly<Record<string, string>> = {
  DUPLICATE_KEY: 'Keep one of the two keys.',
  MULTIPLE_DOCS: 'Keep one document a file: remove the --- line and what follows.',
  TAB_AS_INDENT: 'Indent with spaces.',
  TAG_RESOLVE_FAILED: 'Remove the tag.',
  BAD_INDENT: 'Indent with spaces, and the keys of one map alike.',
};

class Reader {
  #values = 0;
  readonly #open = new Set<Node>();

  constructor(
    readonly source: Source,
    readonly document: Document,
  ) {}

  read(node: Node): Tree {
    const at = this.#mark(node);
    if (++this.#values > MAXIMUM_VALUES) {
      this.#fail(
        at,
        'yaml-alias',
        'the aliases of this file expand to too many values',
        'Write the values out.',
      );
    }
    if (isAlias(node)) return this.#readAlias(node.source, node.resolve(this.document), at);
    if (isMap(node)) {
      const entries = new Map<string, Entry>();
      for (const pair of node.items) {
        const key = this.#key(pair.key as Node, at);
        const value = pair.value as Node | null;
        const keyMark = this.#mark(pair.key as Node);
        entries.set(key, {
          key: keyMark,
          value: value === null ? { kind: 'scalar', value: null, at: keyMark } : this.read(value),
        });
      }
      return { kind: 'map', entries, at };
    }
    if (isSeq(node)) return { kind: 'list', items: node.items.map((item) => this.read(item as Node)), at };
    if (isScalar(node)) return { kind: 'scalar', value: scalarValue(node), at };
    return this.#fail(at, 'yaml-syntax', 'this is neither a map, a list nor a scalar', 'Write one of these.');
  }

  #readAlias(name: string, target: Node | undefined, at: Mark): Tree {
    if (target === undefined) {
      this.#fail(
        at,
        'yaml-alias',
        `no anchor &${name} stands before this alias`,
        'Write the anchor, or the value itself.',
      );
    }
    if (this.#open.has(target)) {
      this.#fail(at, 'yaml-alias', `the alias *${name} stands inside its own anchor`, 'Write the value out.');
    }
    this.#open.add(target);
    const tree = this.read(target);
    this.#open.delete(target);
    return tree;
  }

  #key(node: Node | null, at: Mark): string {
    if (isScalar(node) && node.value !== null) {
      if (node.value === '<<' && node.type === 'PLAIN') {
        this.#fail(
          this.#mark(node),
          'yaml-syntax',
          'YAML 1.2 has no merge keys',
          'Write the keys out, or use extends.',
        );
      }
      return typeof node.value === 'string' ? node.value : (node.source ?? String(node.value));
    }
    return this.#fail(
      node ? this.#mark(node) : at,
      'yaml-syntax',
      'a key has to be plain text',
      'Use a word as the key.',
    );
  }

  #mark(node: Node | null): Mark {
    return { source: this.source, offset: Math.min(node?.range?.[0] ?? 0, this.source.text.length) };
  }

  #fail(at: Mark, code: 'yaml-alias' | 'yaml-syntax', message: string, hint: string): never {
    throw new Unreadable(diagnosticAt(at, code, message, hint));
  }
}

/**
 * A number that is not written in plain decimal stays the text it is, so that 0777, 0x10 and 1.10
 * reach a sysctl, a mark or a title as their author wrote them.
 */
function scalarValue(node: { value: unknown; source?: string; type?: unknown }): ScalarTree['value'] {
  const { value, source } = node;
  if (typeof value === 'number') return source === undefined || String(value) === source ? value : source;
  if (typeof value === 'string' || typeof value === 'boolean' || value === null) return value;
  return source ?? String(value);
}

/** The tree as plain data. */
export function toPlain(tree: Tree): unknown {
  if (tree.kind === 'scalar') return tree.value;
  if (tree.kind === 'list') return tree.items.map(toPlain);
  return Object.fromEntries([...tree.entries].map(([key, entry]) => [key, toPlain(entry.value)]));
}

/** The entry's value, where the tree is a map that has it. */
export function get(tree: Tree | null | undefined, key: string): Tree | null {
  return tree?.kind === 'map' ? (tree.entries.get(key)?.value ?? null) : null;
}

/**
 * Where a path leads, or as far as it exists: to the key of the last entry if `key` is true or if
 * the value is a map or a list on a line of its own, else to the value.
 */
export function markAt(tree: Tree, path: readonly PropertyKey[], key = false): Mark {
  let value = tree;
  let mark = tree.at;
  let keyMark: Mark | null = null;
  for (const part of path) {
    if (value.kind === 'map') {
      const entry = value.entries.get(String(part));
      if (entry === undefined) return keyMark ?? mark;
      value = entry.value;
      mark = value.at;
      keyMark = entry.key;
    } else if (value.kind === 'list') {
      const item = value.items[Number(part)];
      if (item === undefined) return mark;
      value = item;
      mark = item.at;
      keyMark = null;
    } else break;
  }
  return key && keyMark !== null ? keyMark : mark;
}

/** The value to which a path leads, or null. */
export function subtree(tree: Tree, path: readonly PropertyKey[]): Tree | null {
  let value: Tree | null = tree;
  for (const part of path) {
    if (value === null) return null;
    value = value.kind === 'list' ? (value.items[Number(part)] ?? null) : get(value, String(part));
  }
  return value;
}
