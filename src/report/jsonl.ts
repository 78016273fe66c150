import type { Reporter, Write } from './reporter.js';

/** Each event as a line of JSON while the run goes on: what run.jsonl holds. */
export function jsonlReporter(write: Write): Reporter {
  return (event) => write(`${JSON.stringify(event)}\n`);
}
