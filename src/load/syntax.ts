import type { Diagnostic } from '../model/diagnostic.js';
import { diagnosticAt, type Source } from './source.js';

/** What the YAML library finds wrong, and where. */
export interface SyntaxFault {
  readonly offset: number;
  /** The library's own code. */
  readonly code: string;
  readonly message: string;
}

/** Tells a fault of syntax to people who know networks, not YAML. */
export function syntaxDiagnostic(source: Source, { offset, code, message }: SyntaxFault): Diagnostic {
  const mark = { source, offset: Math.max(0, Math.min(offset, source.text.length)) };
  const said = `${code} ${message.split('\n')[0]}`;
  const rule = isIndentedByTab(mark) ? TAB : (RULES.find(([pattern]) => pattern.test(said)) ?? OTHER);
  const [pattern, plain, hint] = rule;
  return diagnosticAt(mark, 'yaml-syntax', plain === '' ? message : said.replace(pattern, plain), hint);
}

function isIndentedByTab({ source, offset }: { source: Source; offset: number }): boolean {
  const start = source.text.lastIndexOf('\n', offset - 1) + 1;
  return /^ *\t\s*[^\s#]/.test(source.text.slice(start, start + 200));
}

/** What a fault says, what it says to people (empty for the same), and what they can do. */
type Rule = readonly [pattern: RegExp, plain: string, hint: string];

const INDENT = 'Indent with spaces: the entries of one map or list alike, what belongs to an entry deeper.';
const TAB: Rule = [/.*/, 'a tab stands where spaces have to indent', 'Replace it by spaces.'];
const OTHER: Rule = [/.*/, '', 'Correct the YAML at this place.'];

const RULES: readonly Rule[] = [
  [/^TAB_AS_INDENT .*/, TAB[1], TAB[2]],
  [
    /.*Missing closing (["'])quote$/,
    'the text ends here, and a quote $1 that begins above is not closed',
    'Add the closing quote.',
  ],
  [
    /.*Flow (?:sequence|map) in block collection must be sufficiently indented and end with a (.)$/,
    'a bracket that is opened above is not closed by $1 before this line',
    'Add the closing bracket, or indent what stands between the brackets.',
  ],
  [
    /.*Unexpected [\w-]+ token(?: in YAML (?:stream|document): (".*"))?$/,
    'this does not belong here: $1',
    'Remove it, or put the text in quotes.',
  ],
  [/.*(Unexpected .*)/, '$1', 'Remove it, or put the text in quotes.'],
  [/.*Missing , (?:or : )?between .*/, 'a comma is missing between the entries in brackets', 'Add it.'],
  [/.*(Missing .*)/, '$1', 'Add what is missing.'],
  [/^BAD_ALIAS (.*)/, '$1', 'Text that begins with * or & goes in quotes.'],
  [/^BAD_DIRECTIVE (.*)/, '$1', 'Remove this line; text that begins with % goes in quotes.'],
  [
    /^BAD_DQ_ESCAPE Invalid escape sequence (.*)/,
    '$1 is no escape sequence',
    'In double quotes a backslash begins one: write \\\\ for a backslash, or use single quotes.',
  ],
  [/^BAD_INDENT .*/, 'this is not indented like the entries above', INDENT],
  [/^BAD_SCALAR_START .* (\S+)$/, 'text cannot begin with $1', 'Put it in quotes.'],
  [
    /^BLOCK_AS_IMPLICIT_KEY Nested .*/,
    'a second key: value begins within this value',
    'Put each key on a line of its own, or the text in quotes if it has a colon in it.',
  ],
  [/^BLOCK_AS_IMPLICIT_KEY .*/, 'this is indented less than what it belongs to', INDENT],
  [
    /^BLOCK_IN_FLOW .*/,
    'an indented list or map stands between brackets',
    'Write [a, b] and { key: value } throughout, or no brackets at all.',
  ],
  [
    /^KEY_OVER_1024_CHARS .*/,
    'a key is longer than 1024 characters',
    'Close the quotes or brackets before it.',
  ],
  [
    /^(?:MULTILINE_IMPLICIT_KEY|MISSING_CHAR Implicit) .*/,
    'this line is neither key: value nor a continuation of what stands above',
    `Write the colon with a space behind it, or put text of several lines in quotes. ${INDENT}`,
  ],
  [
    /^MULTIPLE_ANCHORS .*/,
    'two anchors (&) stand before one value',
    'Keep one; text that begins with & goes in quotes.',
  ],
  [
    /^MULTIPLE_DOCS .*/,
    'the file holds several documents',
    'Keep one document a file: remove the --- line and what follows.',
  ],
  [
    /^MULTIPLE_TAGS .*/,
    'two tags (!) stand before one value',
    'Remove them; text that begins with ! goes in quotes.',
  ],
  [/^TAG_RESOLVE_FAILED (.*)/, '$1', 'Remove the tag; text that begins with ! goes in quotes.'],
];
