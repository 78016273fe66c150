import { createInterface, type Interface } from 'node:readline/promises';
import { printable } from '../report/text/printable.js';

/** The user ended the questions: by Ctrl-C, or by Ctrl-D. */
export class Cancelled extends Error {
  override name = 'Cancelled';

  constructor(readonly by: 'interrupt' | 'end') {
    super('cancelled');
  }
}

export interface Choice {
  readonly value: string;
  /** What it is, in a line. */
  readonly description: string;
}

/** Why an answer cannot be taken; null where it can. */
type Check = (answer: string) => string | null;

/** Questions on a terminal. Every question may throw {@link Cancelled}. */
export class Questions {
  readonly #terminal: Interface;
  readonly #cancelled: Promise<never>;
  #completions: readonly string[] = [];

  constructor() {
    this.#terminal = createInterface({
      input: process.stdin,
      output: process.stdout,
      completer: (line: string): [string[], string] => [
        this.#completions.filter((each) => each.startsWith(line)),
        line,
      ],
    });
    this.#cancelled = new Promise((_, reject) => {
      this.#terminal.once('SIGINT', () => reject(new Cancelled('interrupt')));
      this.#terminal.once('close', () => reject(new Cancelled('end')));
    });
    this.#cancelled.catch(() => {});
  }

  /** Asks until the answer can be taken; Enter alone takes the proposal. */
  async ask(question: string, proposal: string, check: Check = () => null): Promise<string> {
    const shown = proposal === '' ? '' : ` [${printable(proposal)}]`;
    for (;;) {
      const typed = await Promise.race([this.#terminal.question(`${question}${shown} `), this.#cancelled]);
      const answer = typed.trim() === '' ? proposal : typed.trim();
      const objection = check(answer);
      if (objection === null) return answer;
      process.stdout.write(`  ${printable(objection)}\n`);
    }
  }

  /** Asks for one of several, by number or by name. */
  async choose(question: string, choices: readonly Choice[], proposal: string): Promise<string> {
    const names = choices.map(({ value }) => value);
    const width = Math.max(...names.map((name) => name.length));
    const lines = choices.map(({ value, description }, index) =>
      `  ${String(index + 1).padStart(2)}  ${printable(value.padEnd(width))}  ${printable(description)}`.trimEnd(),
    );
    process.stdout.write(`${lines.join('\n')}\n`);
    this.#completions = names;
    const answer = await this.ask(question, proposal, (typed) =>
      chosen(typed, names) === null ? `${typed} is none of them; type a number or a name` : null,
    );
    this.#completions = [];
    return chosen(answer, names) ?? answer;
  }

  close(): void {
    this.#terminal.close();
  }
}

function chosen(typed: string, names: readonly string[]): string | null {
  if (names.includes(typed)) return typed;
  return /^[0-9]+$/.test(typed) ? (names[Number(typed) - 1] ?? null) : null;
}
