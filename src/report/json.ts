import { ReportCollector } from './collect.js';
import type { Reporter, Write } from './reporter.js';

/** One JSON document when the run has ended; `replypath schema report` prints its schema. */
export function jsonReporter(write: Write): Reporter {
  const collector = new ReportCollector();
  return (event) => {
    const report = collector.add(event);
    if (report !== null) write(`${JSON.stringify(report, null, 2)}\n`);
  };
}
