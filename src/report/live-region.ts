import type { Paint } from './paint.js';
import type { Write } from './reporter.js';
import { cut, type Line } from './text/line.js';

/** Size of a terminal in characters. */
export interface TerminalSize {
  readonly columns: number;
  readonly rows: number;
}

/** What someone who draws on a terminal is told. */
export interface Drawing {
  /** Time for another frame: several times a second, and when the size has changed. */
  draw(): void;
  /** Others are about to write to the terminal, or the process ends. */
  erase(): void;
}

/** A terminal on which something can be drawn that does not stay. */
export interface LiveTerminal {
  size(): TerminalSize;
  /** Tells the drawing until the function that it gives back is called. */
  follow(drawing: Drawing): () => void;
}

/** To the beginning of the line, and nothing of this and the following lines is left (ECMA-48 ED). */
const ERASE = '\r\u001b[J';
const ERASE_REST_OF_LINE = '\u001b[K';
/** Lines that turn out longer than the terminal are cut by it instead of broken (DECAWM). */
const NO_WRAP = '\u001b[?7l';
const WRAP = '\u001b[?7h';

/**
 * Lines at the bottom of a terminal that are drawn again and again, below everything that is printed.
 *
 * Between two writes the cursor stands at the beginning of the region: whatever a terminal does with lines that have
 * become too long for it when it was made narrower, all of the region is behind the cursor, and nothing else is. The
 * cursor is never hidden, so that it cannot be left hidden.
 */
export class LiveRegion implements Drawing {
  private drawn = false;
  private readonly unfollow: () => void;

  constructor(
    private readonly terminal: LiveTerminal,
    private readonly write: Write,
    private readonly paint: Paint,
    private readonly lines: (size: TerminalSize) => readonly Line[],
  ) {
    this.unfollow = terminal.follow(this);
  }

  /** Whole lines that stay, above the region. */
  print(text: string): void {
    this.write(`${this.drawn ? ERASE : ''}${text}${this.drawn ? this.frame() : ''}`);
  }

  draw(): void {
    this.write(`\r${this.frame()}`);
    this.drawn = true;
  }

  erase(): void {
    if (this.drawn) this.write(ERASE);
    this.drawn = false;
  }

  close(): void {
    this.unfollow();
    this.erase();
  }

  /**
   * Over what is there, line by line: a screen that is emptied first would flicker. The last column stays free, since
   * a terminal that has written there erases the character with the rest of the line.
   */
  private frame(): string {
    const { columns, rows } = this.terminal.size();
    const lines = this.lines({ columns, rows }).slice(0, Math.max(1, rows - 1));
    const text = lines.map((line) => `${this.paint(cut(line, columns - 1))}${ERASE_REST_OF_LINE}`).join('\n');
    const up = lines.length > 1 ? `\u001b[${lines.length - 1}A` : '';
    return `${NO_WRAP}${text}\u001b[J${WRAP}\r${up}`;
  }
}
