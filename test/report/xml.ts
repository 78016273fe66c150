/** An element as parsed; its text is what is in it beside other elements. */
export interface Parsed {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly Parsed[];
  readonly text: string;
}

const REFERENCES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

/** A small parser of XML 1.0 that knows no more than a report needs, and throws at what is not well formed. */
export function parseXml(text: string): Parsed {
  const forbidden = /[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/u.exec(text);
  if (forbidden) throw new Error(`no character of XML: ${JSON.stringify(forbidden[0])}`);
  let rest = take(text, /^<\?xml version="1\.0" encoding="UTF-8"\?>\n/).rest;
  const root = element();
  if (rest.trim() !== '') throw new Error(`behind the root: ${rest}`);
  return root;

  function element(): Parsed {
    const start = take(rest, /^<([a-zA-Z-]+)((?: [a-zA-Z]+="[^"<]*")*)(\/?)>/);
    rest = start.rest;
    const [, name = '', pairs = '', empty] = start.match;
    const list = [...pairs.matchAll(/ ([a-zA-Z]+)="([^"]*)"/g)].map(
      ([, key = '', value = '']) => [key, unescaped(value)] as const,
    );
    if (new Set(list.map(([key]) => key)).size < list.length)
      throw new Error(`an attribute twice in ${name}`);
    const attributes = Object.fromEntries(list);
    const children: Parsed[] = [];
    let own = '';
    while (empty !== '/' && !rest.startsWith('</')) {
      if (rest.startsWith('<')) {
        children.push(element());
      } else {
        const piece = take(rest, /^[^<]+/);
        own += unescaped(piece.match[0]);
        rest = piece.rest;
      }
    }
    if (empty !== '/') rest = take(rest, new RegExp(`^</${name}>`)).rest;
    return { name, attributes, children, text: own };
  }
}

function take(text: string, pattern: RegExp): { match: RegExpExecArray; rest: string } {
  const match = pattern.exec(text);
  if (match === null) throw new Error(`not ${pattern}: ${text.slice(0, 80)}`);
  return { match, rest: text.slice(match[0].length) };
}

function unescaped(text: string): string {
  return text.replace(/&([^;]*);?/g, (reference, name: string) => {
    const character = name.startsWith('#') ? String.fromCodePoint(Number(name.slice(1))) : REFERENCES[name];
    if (character === undefined) throw new Error(`no reference: ${reference}`);
    return character;
  });
}
