import { printable } from './printable.js';

/** Text that Markdown and HTML leave as it is. */
export function escaped(text: string): string {
  return printable(text)
    .replace(/[\\`*_[\]|~#]/g, '\\$&')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;');
}
