import { escapeSequence, printable } from './printable.js';

/** An element and what is in it, before it is written. */
export interface Element {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string | number | undefined>>;
  readonly content: readonly Element[] | string;
}

export function element(
  name: string,
  attributes: Element['attributes'],
  content: Element['content'] = [],
): Element {
  return { name, attributes, content };
}

/** A document of XML 1.0, indented. Nothing in it steers a terminal; the line breaks of text are kept. */
export function xmlDocument(root: Element): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n${written(root, '')}`;
}

function written({ name, attributes, content }: Element, indent: string): string {
  const pairs = Object.entries(attributes).flatMap(([key, value]) =>
    value === undefined ? [] : [` ${key}="${escaped(printable(String(value)))}"`],
  );
  const start = `${indent}<${name}${pairs.join('')}`;
  if (content.length === 0) return `${start}/>\n`;
  if (typeof content === 'string')
    return `${start}>${escaped(content.split('\n').map(printable).join('\n'))}</${name}>\n`;
  return `${start}>\n${content.map((child) => written(child, `${indent}  `)).join('')}${indent}</${name}>\n`;
}

/** What is no character of XML 1.0 (https://www.w3.org/TR/xml/#charsets), not even as a reference: `\x1b`. */
const FORBIDDEN = /[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu;

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

function escaped(text: string): string {
  return text
    .replace(FORBIDDEN, escapeSequence)
    .replace(/[&<>"]/g, (character) => ENTITIES[character] ?? character);
}
