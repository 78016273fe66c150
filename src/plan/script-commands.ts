import { type Token, tokensOf } from './script-tokens.js';

/** A command of a script, and the lines on which it stands. */
export interface CertainCommand {
  readonly words: readonly string[];
  readonly firstLine: number;
  readonly lastLine: number;
}

/** Deeper than people write, and far below what the stack holds. */
const DEEPEST = 50;

/**
 * The commands that a script carries out whatever it finds, and without a plan for the case that they fail: not what
 * stands in `if`, `while`, `case` or a function, not after `&&`, not beside `||` unless that ends the script as a
 * failure, and not after an `exit` that may come sooner. Not seen are commands inside of words (`$(…)`, `sh -c`).
 */
export function certainCommands(script: string): readonly CertainCommand[] {
  return new Reader(tokensOf(script)).lists(new Set());
}

class Reader {
  #at = 0;
  #depth = 0;
  /** What comes now may never be reached. */
  #mayHaveEnded = false;

  constructor(private readonly tokens: readonly Token[]) {}

  /** Lists of commands up to one of the words that end them, which is taken too. */
  lists(ends: ReadonlySet<string>): readonly CertainCommand[] {
    const found: CertainCommand[] = [];
    while (this.#at < this.tokens.length) {
      if (this.#isAt(ends)) break;
      if (this.#isAt(SEPARATORS) || this.#isAt(STRAY)) this.#at++;
      else found.push(...this.#list());
    }
    this.#at++;
    return found;
  }

  /** Pipelines with `&&` and `||` between them. */
  #list(): readonly CertainCommand[] {
    const pipelines = [this.#pipeline()];
    let alternatives = false;
    while (this.#isAt(LIST_OPERATORS)) {
      const isAlternative = this.tokens[this.#at++]?.text === '||';
      while (this.#isAt(LINE_END)) this.#at++;
      // Where the script fails otherwise, the command has to succeed.
      alternatives ||= isAlternative && !this.#isFailure();
      pipelines.push(this.#pipeline());
    }
    return alternatives ? [] : (pipelines[0] ?? []);
  }

  /** All commands of a pipeline are started. */
  #pipeline(): readonly CertainCommand[] {
    const isNegated = this.tokens[this.#at]?.text === '!';
    if (isNegated) this.#at++;
    const commands = [...this.#command()];
    while (this.#isAt(PIPES)) {
      this.#at++;
      while (this.#isAt(LINE_END)) this.#at++;
      commands.push(...this.#command());
    }
    return isNegated ? [] : commands;
  }

  #command(): readonly CertainCommand[] {
    if (this.#depth === DEEPEST) this.#at = this.tokens.length;
    this.#depth++;
    const commands = this.#simpleOrCompound();
    this.#depth--;
    return commands;
  }

  #simpleOrCompound(): readonly CertainCommand[] {
    const { kind, text } = this.tokens[this.#at] ?? { kind: 'operator', text: '' };
    if (kind === 'operator') {
      if (text !== '(') return [];
      this.#at++;
      return this.#compound(')');
    }
    const end = COMPOUNDS.get(text);
    if (end !== undefined) {
      this.#at++;
      const inside = this.#compound(end);
      return UNCONDITIONAL.has(text) ? inside : [];
    }
    if (text === 'case') return this.#skip('case', 'esac');
    if (text === '[[') return this.#skip('[[', ']]');
    return this.#simple();
  }

  #compound(end: string): readonly CertainCommand[] {
    const inside = this.lists(new Set([end]));
    this.#words();
    return inside;
  }

  /** What has operators of its own: patterns of `case`, conditions. */
  #skip(begin: string, end: string): readonly CertainCommand[] {
    let open = 0;
    for (; this.#at < this.tokens.length; this.#at++) {
      const { text } = this.tokens[this.#at] ?? { text: '' };
      if (text === begin) open++;
      if (text === end && --open === 0) break;
      if (text === 'exit') this.#mayHaveEnded = true;
    }
    this.#at++;
    return [];
  }

  #simple(): readonly CertainCommand[] {
    const isCertain = !this.#mayHaveEnded;
    const tokens = this.#words();
    const words = tokens.map(({ text }) => text);
    if (words[0] === 'function' || this.#isAt(OPENING)) return this.#function(words);
    if ((words[0] === 'exit' && !FAILURE.test(words[1] ?? '')) || (words[0] === 'exec' && words.length > 1))
      this.#mayHaveEnded = true;
    const [first, last] = [tokens[0], tokens.at(-1)];
    if (first === undefined || last === undefined || !isCertain) return [];
    return [{ words: withoutPrefixes(words), firstLine: first.line, lastLine: last.line }];
  }

  /** `f() { …; }`, or `function f { …; }`: nothing runs until somebody calls it. */
  #function(words: readonly string[]): readonly CertainCommand[] {
    const before = this.#mayHaveEnded;
    if (words.at(-1) === '{') {
      this.#compound('}');
    } else {
      if (this.#isAt(OPENING)) this.#at += 2;
      while (this.#isAt(LINE_END)) this.#at++;
      this.#command();
    }
    this.#mayHaveEnded = before;
    return [];
  }

  #words(): readonly Token[] {
    const begin = this.#at;
    while (this.tokens[this.#at]?.kind === 'word') this.#at++;
    return this.tokens.slice(begin, this.#at);
  }

  /** Whether `exit` comes, with another status than 0, or `false`. */
  #isFailure(): boolean {
    const [first, status] = this.tokens.slice(this.#at, this.#at + 2);
    if (first?.text === 'false') return true;
    return first?.text === 'exit' && FAILURE.test(status?.text ?? '');
  }

  #isAt(texts: ReadonlySet<string>): boolean {
    const token = this.tokens[this.#at];
    return token !== undefined && texts.has(token.text);
  }
}

const LINE_END = new Set([';']);
const SEPARATORS = new Set([';', '&', ';;', ';&', ';;&']);
const LIST_OPERATORS = new Set(['&&', '||']);
const PIPES = new Set(['|', '|&']);
const OPENING = new Set(['(']);
/** A status with which a script fails. */
const FAILURE = /^[1-9]\d*$/;
/** Where no command can begin: words that go on with a compound command, or a mistake, which is for bash to find. */
const STRAY = new Set([')', '&&', '||', '|', '|&', 'then', 'elif', 'else', 'do', 'fi', 'done', 'esac', '}']);
const UNCONDITIONAL = new Set(['for', '{']);
const COMPOUNDS = new Map([
  ['if', 'fi'],
  ['while', 'done'],
  ['until', 'done'],
  ['for', 'done'],
  ['select', 'done'],
  ['{', '}'],
]);

/** Without what stands before a command's name. */
function withoutPrefixes(words: readonly string[]): readonly string[] {
  const begin = words.findIndex((word) => !/^\w+=/.test(word) && word !== 'sudo' && word !== 'exec');
  return begin < 0 ? [] : words.slice(begin);
}
