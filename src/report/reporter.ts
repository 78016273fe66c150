import type { RunEvent } from '../model/result.js';

/**
 * Turns the events of a run, in order, into one report. `run-ended` is the last event and
 * completes the report, so that there is nothing to close.
 */
export type Reporter = (event: RunEvent) => void;

/** Where a report goes; it is given whole lines, but for the characters of `dot`. */
export type Write = (text: string) => void;
