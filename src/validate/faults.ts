import type { DiagnosticCode } from '../format/codes.js';
import { diagnosticAt, type Mark } from '../load/source.js';
import type { Diagnostic } from '../model/diagnostic.js';

/** More are not read by anybody, and each costs a search for what was meant. */
const MAXIMUM_FAULTS = 100;

/** Ends the validation of a file with more faults than that. */
class TooManyFaults extends Error {}

/** What a validation gives, or nothing where it ended for the number of its faults. */
export function untilTooMany<T>(validation: () => readonly T[]): readonly T[] {
  try {
    return validation();
  } catch (error) {
    if (error instanceof TooManyFaults) return [];
    throw error;
  }
}

/** Collects diagnostics; what is found again in another variant of the same file counts once. */
export class Faults {
  readonly #found = new Map<string, Diagnostic>();
  #count = 0;

  /** @throws TooManyFaults where this is the last that is taken. */
  add(at: Mark, code: DiagnosticCode, message: string, hint: string): void {
    this.take(diagnosticAt(at, code, message, hint));
    if (this.#found.size < MAXIMUM_FAULTS) return;
    const more = `validation of this file ends here, after ${MAXIMUM_FAULTS} faults`;
    this.take(diagnosticAt(at, 'more-faults', more, 'Correct these first.'));
    throw new TooManyFaults(more);
  }

  take(diagnostic: Diagnostic): void {
    this.#count++;
    const { file, line, column } = diagnostic.place;
    const key = [file, line, column, diagnostic.code, diagnostic.message].join('\n');
    if (!this.#found.has(key)) this.#found.set(key, diagnostic);
  }

  /** How often something was found, repetitions included: whether it grew tells whether a check failed. */
  get count(): number {
    return this.#count;
  }

  /** By file in the order met, then by place. */
  list(): Diagnostic[] {
    const files = new Map<string, number>();
    for (const { place } of this.#found.values())
      if (!files.has(place.file)) files.set(place.file, files.size);
    return [...this.#found.values()].sort(
      (a, b) =>
        (files.get(a.place.file) ?? 0) - (files.get(b.place.file) ?? 0) ||
        a.place.line - b.place.line ||
        a.place.column - b.place.column,
    );
  }
}
