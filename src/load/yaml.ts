import {
  Composer,
  type CST,
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  Lexer,
  type Node,
  Parser,
} from 'yaml';
import type { DiagnosticCode } from '../format/codes.js';
import type { Diagnostic } from '../model/diagnostic.js';
import { diagnosticAt, diagnosticOf, type Mark, placeOf, type Source } from './source.js';
import { type SyntaxFault, syntaxDiagnostic } from './syntax.js';
import type { Entry, ScalarTree, Tree } from './tree.js';

/** Far above any real file, far below what aliases of aliases can reach. */
const MAXIMUM_VALUES = 50_000;

/** Words, signs, spaces and line ends: what reading a file costs, also one without values. */
const MAXIMUM_LEXEMES = 250_000;

/** Far above any format of ours, far below what exhausts the stack of those who recurse. */
const MAXIMUM_DEPTH = 100;

/** Later ones are mostly consequences of the first. */
const MAXIMUM_SYNTAX_FAULTS = 3;

/** Raised and caught in this file only. */
class Unreadable extends Error {
  constructor(readonly diagnostics: readonly Diagnostic[]) {
    super(diagnostics[0]?.message);
  }
}

/**
 * Reads one YAML 1.2 document (core schema, unique keys). The work is bounded: it ends at the third fault
 * of syntax, and where the file is deeper than any format or holds more than anybody writes.
 */
export function parseTree(source: Source): { tree: Tree | null; diagnostics: readonly Diagnostic[] } {
  try {
    const { contents } = compose(source, parse(source));
    if (contents === null || (isScalar(contents) && contents.value === null)) {
      const hint = 'Write a YAML document into it, or delete it.';
      const diagnostic = diagnosticOf(source.file, 'empty-file', 'the file holds no document', hint);
      return { tree: null, diagnostics: [diagnostic] };
    }
    return { tree: new Reader(source).read(contents), diagnostics: [] };
  } catch (error) {
    if (error instanceof Unreadable) return { tree: null, diagnostics: error.diagnostics };
    throw error;
  }
}

/** The tokens of the concrete syntax, made without recursion, so that depth can be limited here. */
function parse(source: Source): CST.Token[] {
  const parser = new Parser();
  const tokens: CST.Token[] = [];
  let lexemes = 0;
  let faults = 0;
  for (const lexeme of new Lexer().lex(source.text)) {
    const at = { source, offset: parser.offset };
    for (const token of parser.next(lexeme)) {
      tokens.push(token);
      if (token.type === 'error') faults++;
    }
    if (faults >= MAXIMUM_SYNTAX_FAULTS) return tokens;
    // Beside the collections, the document and the scalar under way are on the stack.
    if (parser.stack.length > MAXIMUM_DEPTH + 2) {
      const message = `values are nested more than ${MAXIMUM_DEPTH} deep here`;
      fail(at, 'yaml-syntax', message, 'Close the brackets, or flatten it: no format here is that deep.');
    }
    if (++lexemes > MAXIMUM_LEXEMES) {
      const message = `the file has more than ${MAXIMUM_LEXEMES} words, signs and line ends`;
      fail(at, 'file-too-large', message, 'Split it, or name a scenario file.');
    }
  }
  for (const token of parser.end()) tokens.push(token);
  return tokens;
}

function compose(source: Source, tokens: readonly CST.Token[]): Document {
  const faults: SyntaxFault[] = [];
  let ended: Unreadable | null = null;
  const composer = new Composer({ version: '1.2', uniqueKeys: false });
  // It has no option to end before the last of a hundred thousand faults.
  Object.assign(composer, {
    onError: (at: number | { offset: number } | [number, number], code: string, message: string) => {
      // What is thrown is caught and comes back, once for each level.
      if (ended !== null) throw ended;
      const offset = Array.isArray(at) ? at[0] : typeof at === 'number' ? at : at.offset;
      faults.push({ offset, code, message });
      if (faults.length < MAXIMUM_SYNTAX_FAULTS) return;
      ended = syntaxFaults(source, faults);
      throw ended;
    },
  });
  const [document, second] = composer.compose(tokens, true, source.text.length);
  if (document === undefined) throw new Error('the composer gave no document');
  for (const { code, message, pos } of document.errors) faults.push({ offset: pos[0], code, message });
  if (second !== undefined) faults.push({ offset: second.range[0], code: 'MULTIPLE_DOCS', message: '' });
  if (faults.length > 0) throw syntaxFaults(source, faults);
  return document;
}

function syntaxFaults(source: Source, faults: readonly SyntaxFault[]): Unreadable {
  const first = [...faults].sort((a, b) => a.offset - b.offset).slice(0, MAXIMUM_SYNTAX_FAULTS);
  return new Unreadable(first.map((fault) => syntaxDiagnostic(source, fault)));
}

function fail(at: Mark, code: DiagnosticCode, message: string, hint: string): never {
  throw new Unreadable([diagnosticAt(at, code, message, hint)]);
}

/** What an anchor stands for. */
interface Anchored {
  readonly tree: Tree;
  /** How many values. */
  readonly values: number;
}

/** Makes trees of nodes, in the order of the file: an alias means the last anchor of its name before it. */
class Reader {
  #values = 0;
  /** Null while the anchored value itself is being read. */
  readonly #anchors = new Map<string, Anchored | null>();

  constructor(readonly source: Source) {}

  read(node: Node): Tree {
    const at = this.#mark(node);
    if (isAlias(node)) return this.#alias(node.source, at);
    this.#count(1, at);
    const { anchor } = node as { anchor?: string };
    if (anchor === undefined) return this.#value(node, at);
    const before = this.#values;
    this.#anchors.set(anchor, null);
    const tree = this.#value(node, at);
    this.#anchors.set(anchor, { tree, values: this.#values - before + 1 });
    return tree;
  }

  #value(node: Node, at: Mark): Tree {
    if (isScalar(node)) return { kind: 'scalar', value: scalarValue(node), at };
    if (isSeq(node)) return { kind: 'list', items: node.items.map((item) => this.read(item as Node)), at };
    if (!isMap(node)) {
      return fail(at, 'yaml-syntax', 'this is neither a map, a list nor a scalar', 'Write one of these.');
    }
    const entries = new Map<string, Entry>();
    for (const pair of node.items) {
      const name = pair.key as Node | null;
      const key = this.#mark(name ?? node);
      const text = this.#key(name, key);
      const known = entries.get(text);
      if (known !== undefined) {
        const { line } = placeOf(known.key);
        const message = `the key ${text} stands twice in one map, first in line ${line}`;
        fail(key, 'yaml-syntax', message, 'Keep one of the two.');
      }
      const value = pair.value as Node | null;
      entries.set(text, {
        key,
        value: value === null ? { kind: 'scalar', value: null, at: key } : this.read(value),
      });
    }
    return { kind: 'map', entries, at };
  }

  /** The same tree once more: what it costs is counted, so that few aliases cannot stand for millions of values. */
  #alias(name: string, at: Mark): Tree {
    const anchored = this.#anchors.get(name);
    if (anchored === undefined) {
      const hint = 'Write the anchor, or the value itself; text that begins with * goes in quotes.';
      return fail(at, 'yaml-alias', `no anchor &${name} stands before this alias`, hint);
    }
    if (anchored === null) {
      return fail(
        at,
        'yaml-alias',
        `the alias *${name} stands inside its own anchor`,
        'Write the value out.',
      );
    }
    this.#count(anchored.values, at);
    return anchored.tree;
  }

  #count(values: number, at: Mark): void {
    this.#values += values;
    if (this.#values <= MAXIMUM_VALUES) return;
    if (this.#anchors.size > 0) {
      const message = `with what its aliases stand for, the file holds more than ${MAXIMUM_VALUES} values`;
      fail(at, 'yaml-alias', message, 'Write the values out.');
    }
    fail(at, 'file-too-large', `the file holds more than ${MAXIMUM_VALUES} values`, 'Split it.');
  }

  #key(node: Node | null, at: Mark): string {
    if (!isScalar(node) || node.value === null) {
      return fail(at, 'yaml-syntax', 'a key has to be plain text', 'Use a word as the key.');
    }
    if (node.anchor !== undefined) this.read(node);
    const text = typeof node.value === 'string' ? node.value : (node.source ?? String(node.value));
    if (text === '<<' && node.type === 'PLAIN') {
      fail(at, 'yaml-syntax', 'YAML 1.2 has no merge keys', 'Write the keys out, or use extends.');
    }
    // To JavaScript, and so to much of what reads keys, it is no key like others.
    if (text === '__proto__') fail(at, 'yaml-syntax', 'a key cannot be __proto__', 'Choose another name.');
    return text;
  }

  #mark(node: Node): Mark {
    return { source: this.source, offset: Math.min(node.range?.[0] ?? 0, this.source.text.length) };
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
