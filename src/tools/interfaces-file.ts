/** One option of a stanza of interfaces(5). */
export interface Option {
  readonly name: string;
  readonly value: string;
  /** From 1. */
  readonly line: number;
}

/** `iface eth1 inet static` and the options below it. */
export interface Stanza {
  readonly interface: string;
  /** `inet`, `inet6`. */
  readonly family: string;
  /** `static`, `dhcp`, … */
  readonly method: string;
  readonly options: readonly Option[];
  /** Of its head. */
  readonly line: number;
}

interface Draft extends Stanza {
  readonly options: Option[];
}

/** Words that begin something else than an option; interfaces(5). */
const BEGINNINGS =
  /^(iface|mapping|auto|allow-\S+|source|source-directory|no-auto-down|no-scripts|rename|template)$/;

/** The `iface` stanzas of a file as interfaces(5) describes it; what it includes by `source` is not looked at. */
export function readStanzas(text: string): readonly Stanza[] {
  const stanzas: Draft[] = [];
  let isStanza = false;
  for (const { text: words, line } of logicalLines(text)) {
    const [name = '', ...rest] = words.split(/\s+/);
    if (BEGINNINGS.test(name)) {
      isStanza = name === 'iface';
      const [device = '', family = '', method = ''] = rest;
      if (isStanza) stanzas.push({ interface: device, family, method, options: [], line });
    } else if (isStanza) {
      stanzas.at(-1)?.options.push({ name, value: words.slice(name.length).trim(), line });
    }
  }
  return stanzas;
}

/** Without comments and empty lines; a line that ends in a backslash goes on in the next. */
function logicalLines(text: string): readonly { readonly text: string; readonly line: number }[] {
  const found: { text: string; line: number }[] = [];
  let open = false;
  text.split('\n').forEach((raw, i) => {
    const isContinued = raw.endsWith('\\');
    const part = (isContinued ? raw.slice(0, -1) : raw).trim();
    const last = found.at(-1);
    if (open && last) last.text = `${last.text} ${part}`.trim();
    else if (part !== '' && !part.startsWith('#')) found.push({ text: part, line: i + 1 });
    open = isContinued && (open || !part.startsWith('#'));
  });
  return found;
}
