/** Where in a file something is wrong. Lines and columns count from 1. */
export interface Place {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** The offending lines with a caret below the column; empty where there is no text to show. */
  readonly frame: string;
}

/**
 * A fault of the user's input, as a value: what is wrong, where, and what to do next.
 * Exceptions are kept for broken machinery.
 */
export interface Diagnostic {
  /** One of the published codes, in kebab case, for example `unknown-node`. */
  readonly code: string;
  readonly message: string;
  readonly hint: string;
  readonly place: Place;
}
