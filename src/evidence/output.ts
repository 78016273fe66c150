/** An object that a tool printed as JSON, whose members may be missing, or be numbers or text. */
export class Row {
  readonly #members: Readonly<Record<string, unknown>>;

  constructor(members: Readonly<Record<string, unknown>>) {
    this.#members = members;
  }

  has(name: string): boolean {
    return name in this.#members;
  }

  text(name: string): string | null {
    const value = this.#members[name];
    return typeof value === 'string' || typeof value === 'number' ? String(value) : null;
  }

  /** Hexadecimal too: `0x10`. */
  number(name: string): number | null {
    const text = this.text(name);
    const value = text === null ? Number.NaN : Number(text);
    return Number.isNaN(value) ? null : value;
  }

  texts(name: string): readonly string[] {
    const value = this.#members[name];
    return Array.isArray(value) ? value.map(String) : [];
  }

  row(name: string): Row | null {
    const value = this.#members[name];
    return isObject(value) ? new Row(value) : null;
  }

  rows(name: string): readonly Row[] {
    return rowsOf(this.#members[name]);
  }
}

/** The objects of an array as JSON; none where it is none, which is what ip(8) prints of nothing. */
export function rows(json: string): readonly Row[] {
  try {
    return rowsOf(JSON.parse(json));
  } catch {
    return [];
  }
}

function rowsOf(value: unknown): readonly Row[] {
  return Array.isArray(value) ? value.filter(isObject).map((each) => new Row(each)) : [];
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The lines of what ip(8) prints, one for each object: those that go on (next hops, indented) joined to theirs. */
export function lines(text: string): readonly string[] {
  return text
    .replaceAll(/\n[ \t]+/g, ' ')
    .split('\n')
    .filter((line) => line.trim() !== '');
}

/** One space where the tool aligns. */
export function legibleText(line: string): string {
  return line.trim().replaceAll(/\s+/g, ' ');
}
