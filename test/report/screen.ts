/**
 * A terminal as far as the list reporter uses one: lines that scroll, automatic margins, cursor up, erase, colours.
 * What it does not know it throws for, so that nothing is used untried. When made narrower it breaks what has become
 * too long and keeps the cursor at its character, as VTE, kitty and iTerm do.
 *
 * @see ECMA-48; https://invisible-island.net/xterm/ctlseqs/ctlseqs.html
 */
export class Screen {
  /** Each cell is what one column shows; the right half of a wide character is empty. */
  private lines: { cells: string[]; continued: boolean }[] = [{ cells: [], continued: false }];
  private row = 0;
  private column = 0;
  private wraps = true;
  /** The cursor has written the last column and not left it yet. */
  private pending = false;
  /** How many writes there were. */
  writes = 0;

  constructor(
    private columns: number,
    private rows: number,
  ) {}

  /** What can be seen or scrolled back to, without the blanks at the ends. */
  get text(): string {
    return this.lines
      .map(({ cells }) =>
        [...cells]
          .map((cell) => cell ?? ' ')
          .join('')
          .trimEnd(),
      )
      .join('\n')
      .trimEnd();
  }

  /** How many lines were broken because they were too long. */
  get broken(): number {
    return this.lines.filter(({ continued }) => continued).length;
  }

  get cursor(): { readonly row: number; readonly column: number; readonly wraps: boolean } {
    return { row: this.row, column: this.column, wraps: this.wraps };
  }

  write(text: string): void {
    this.writes += 1;
    const tokens = text.matchAll(/\p{Cc}\[(\??)(\d*)([A-Za-z])|\p{Cc}|\P{Cc}/gsu);
    for (const [token, secret, number = '', final] of tokens) {
      if (final !== undefined) this.control(`${secret}${final}`, number);
      else if (token === '\r') this.moveTo(this.row, 0);
      else if (token === '\n') this.newLine(false);
      else if (/\p{Cc}/u.test(token)) throw new Error(`unknown control ${JSON.stringify(token)}`);
      else this.put(token);
    }
  }

  resize(columns: number, rows: number): void {
    const broken: typeof this.lines = [];
    let cursor = { row: 0, column: 0 };
    for (const [index, { cells, continued }] of this.lines.entries()) {
      const joined = continued ? broken.pop() : undefined;
      const all = [...(joined?.cells ?? []), ...cells];
      if (index === this.row) {
        const at = (joined?.cells.length ?? 0) + this.column;
        cursor = { row: broken.length + Math.floor(at / columns), column: at % columns };
      }
      for (let start = 0; start === 0 || start < all.length; start += columns) {
        broken.push({
          cells: all.slice(start, start + columns),
          continued: start > 0 || (joined?.continued ?? false),
        });
      }
    }
    this.lines = broken;
    this.columns = columns;
    this.rows = rows;
    this.moveTo(cursor.row, cursor.column);
  }

  private control(name: string, number: string): void {
    switch (name) {
      case 'm':
        break;
      case 'A':
        this.moveTo(Math.max(this.top, this.row - Number(number || 1)), this.column);
        break;
      case 'J':
        this.eraseRest();
        this.lines.length = this.row + 1;
        break;
      case 'K':
        this.eraseRest();
        break;
      case '?h':
      case '?l':
        if (number !== '7') throw new Error(`unknown mode ${number}`);
        this.wraps = name === '?h';
        break;
      default:
        throw new Error(`unknown sequence ${number}${name}`);
    }
  }

  /** The first line that can be seen; those before have scrolled away and are out of the cursor's reach. */
  private get top(): number {
    return Math.max(0, this.lines.length - this.rows);
  }

  private get cells(): string[] {
    const line = this.lines[this.row];
    if (line === undefined) throw new Error('the cursor is nowhere');
    return line.cells;
  }

  private eraseRest(): void {
    this.cells.length = Math.min(this.cells.length, this.column);
  }

  private moveTo(row: number, column: number): void {
    this.row = row;
    this.column = column;
    this.pending = false;
  }

  private newLine(continued: boolean): void {
    if (this.row === this.lines.length - 1) this.lines.push({ cells: [], continued });
    else if (continued)
      this.lines[this.row + 1] = { cells: this.lines[this.row + 1]?.cells ?? [], continued };
    this.moveTo(this.row + 1, 0);
  }

  private put(character: string): void {
    const wide = /[\u1100-\u115f\u3000-\u9fff\uac00-\ud7a3\uff01-\uff60]|\p{Emoji_Presentation}/u.test(
      character,
    )
      ? 2
      : 1;
    if (/\p{M}/u.test(character)) {
      const last = this.pending ? this.column : this.column - 1;
      this.cells[last] += character;
      return;
    }
    if (this.pending || this.column + wide > this.columns) {
      if (this.wraps) this.newLine(true);
      else this.column = this.columns - wide;
    }
    while (this.cells.length < this.column) this.cells.push(' ');
    this.cells[this.column] = character;
    if (wide === 2) this.cells[this.column + 1] = '';
    const next = this.column + wide;
    this.pending = next >= this.columns;
    this.column = this.pending ? this.columns - 1 : next;
  }
}
