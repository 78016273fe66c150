import type { Diagnostic } from '../model/diagnostic.js';
import { diagnosticAt, type Source } from './source.js';

/** What the YAML library finds wrong, and where. */
export interface SyntaxFault {
  readonly offset: number;
  readonly code: string;
  readonly message: string;
}

/** Tells a fault of syntax to people who know networks, not YAML. */
export function syntaxDiagnostic(source: Source, { offset, code, message }: SyntaxFault): Diagnostic {
  const mark = { source, offset: Math.max(0, Math.min(offset, source.text.length)) };
  const [plain, hint] = WORDS[code] ?? [null, 'Correct the YAML at this place.'];
  return diagnosticAt(mark, 'yaml-syntax', plain ?? message.split('\n')[0] ?? message, hint);
}

const INDENT = 'Indent with spaces, the entries of one map or list alike, and what belongs to them deeper.';

/** By the library's code: what is wrong, null where its own message says it best, and what to do. */
const WORDS: Readonly<Record<string, readonly [message: string | null, hint: string]>> = {
  BAD_ALIAS: [null, 'Text that begins with * or & goes in quotes.'],
  BAD_DIRECTIVE: [null, 'Remove this line; text that begins with % goes in quotes.'],
  BAD_DQ_ESCAPE: [null, 'In double quotes a backslash begins an escape: write \\\\ for one, or use single quotes.'],
  BAD_INDENT: [null, INDENT],
  BAD_SCALAR_START: [null, 'Put the text in quotes.'],
  BLOCK_AS_IMPLICIT_KEY: [
    'a second key: value begins within this value',
    'Put each key on a line of its own, or the text in quotes if it has a colon in it.',
  ],
  BLOCK_IN_FLOW: [
    'an indented list or map stands between brackets',
    'Write [a, b] and { key: value } throughout, or no brackets at all.',
  ],
  KEY_OVER_1024_CHARS: ['a key is longer than 1024 characters', 'Close the quotes or brackets before it.'],
  MISSING_CHAR: [null, 'Add what is missing.'],
  MULTILINE_IMPLICIT_KEY: [
    'this line is neither key: value nor a continuation of what stands above',
    `Add the colon, or put text of several lines in quotes. ${INDENT}`,
  ],
  MULTIPLE_ANCHORS: ['two anchors (&) stand before one value', 'Keep one; text that begins with & goes in quotes.'],
  MULTIPLE_DOCS: [
    'the file holds several documents',
    'Keep one document a file: remove the --- line and what follows.',
  ],
  MULTIPLE_TAGS: ['two tags (!) stand before one value', 'Remove them; text that begins with ! goes in quotes.'],
  TAB_AS_INDENT: ['a tab stands where spaces have to indent', 'Replace it by spaces.'],
  TAG_RESOLVE_FAILED: [null, 'Remove the tag; text that begins with ! goes in quotes.'],
  UNEXPECTED_TOKEN: [null, 'Remove it, or put the text in quotes.'],
};
