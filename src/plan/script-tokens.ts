/** A part of a script in bash. Words are without their quotes, and without what redirects. */
export interface Token {
  readonly kind: 'word' | 'operator';
  /** Of an operator: `;` for a line's end too, `&`, `&&`, `||`, `|`, `(` or `)`. */
  readonly text: string;
  /** Where it begins, from 1. */
  readonly line: number;
}

const OPERATORS = /;;&|;;|;&|&&|\|\||\|&|[;&|()]/y;
const REDIRECTION = /\d*(?:&>>?|<<<|<>|>>|>\||[<>]&|[<>])(?!\()[ \t]*/y;
const HERE_DOCUMENT = /\d*<<(-?)[ \t]*(?:'([^'\n]*)'|"([^"\n]*)"|\\?([^\s;&|()<>'"]+))/y;

/** The words and operators of a script, comments and here-documents left out; bash(1), DEFINITIONS and QUOTING. */
export function tokensOf(script: string): readonly Token[] {
  const tokens: Token[] = [];
  /** Ends of here-documents that begin after this line. */
  let documents: { end: string; indented: boolean }[] = [];
  let at = 0;
  let line = 1;
  const take = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at;
    const found = pattern.exec(script);
    if (found !== null) skipTo(pattern.lastIndex);
    return found;
  };
  const skipTo = (end: number) => {
    for (; at < end; at++) if (script[at] === '\n') line++;
  };
  while (at < script.length) {
    if (take(/(?:[ \t]|\\\n)+/y) || take(/#[^\n]*/y)) continue;
    const begin = line;
    if (script[at] === '\n') {
      tokens.push({ kind: 'operator', text: ';', line });
      skipTo(at + 1);
      for (const { end, indented } of documents) skipTo(endOfDocument(script, at, end, indented));
      documents = [];
      continue;
    }
    const document = take(HERE_DOCUMENT);
    if (document !== null) {
      const [, dash, ...ends] = document;
      documents.push({ end: ends.find((each) => each !== undefined) ?? '', indented: dash === '-' });
      continue;
    }
    if (take(REDIRECTION) !== null) {
      skipTo(endOfWord(script, at));
      continue;
    }
    const operator = take(OPERATORS);
    if (operator !== null) {
      tokens.push({ kind: 'operator', text: operator[0], line: begin });
      continue;
    }
    const end = Math.max(endOfWord(script, at), at + 1);
    tokens.push({ kind: 'word', text: unquoted(script.slice(at, end)), line: begin });
    skipTo(end);
  }
  return tokens;
}

function endOfDocument(script: string, from: number, end: string, indented: boolean): number {
  for (let at = from; at < script.length; ) {
    const newline = script.indexOf('\n', at);
    const next = newline < 0 ? script.length : newline + 1;
    const text = script.slice(at, newline < 0 ? next : newline);
    if ((indented ? text.replace(/^\t+/, '') : text) === end) return next;
    at = next;
  }
  return script.length;
}

/** Pieces of a word: a quoted text, the beginning of a substitution, or a character. */
const PIECE = /'[^']*'|"[^"\\]*(?:\\[\s\S][^"\\]*)*"|`[^`]*`|\\[\s\S]|[$<>]\(|[^\s;&|()<>]/y;

function endOfWord(script: string, from: number): number {
  let at = from;
  for (;;) {
    PIECE.lastIndex = at;
    const [piece] = PIECE.exec(script) ?? [];
    if (piece === undefined) return at;
    at = /^[$<>]\($/.test(piece) ? endOfParentheses(script, at + piece.length) : PIECE.lastIndex;
  }
}

/** After the parenthesis that closes one that was opened. */
function endOfParentheses(script: string, from: number): number {
  const pattern = /'[^']*'|"[^"\\]*(?:\\[\s\S][^"\\]*)*"|\\[\s\S]|[()]/g;
  pattern.lastIndex = from;
  let open = 1;
  for (let found = pattern.exec(script); found !== null; found = pattern.exec(script)) {
    if (found[0] === '(') open++;
    if (found[0] === ')') open--;
    if (open === 0) return pattern.lastIndex;
  }
  return script.length;
}

function unquoted(word: string): string {
  return word.replace(
    /'([^']*)'|"([^"\\]*(?:\\[\s\S][^"\\]*)*)"|\\([\s\S])/g,
    (_, single, double, escaped) => single ?? double ?? (escaped === '\n' ? '' : escaped),
  );
}
