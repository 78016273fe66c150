import type { Environment, ScenarioResult } from '../model/result.js';
import { differenceLines } from './difference-layout.js';
import { painter } from './paint.js';
import type { Reporter, Write } from './reporter.js';
import { endLines } from './text/ending.js';
import { type Line, type Span, span } from './text/line.js';
import { mark, scenarioLines } from './text/scenario.js';

export interface DotTerminal {
  readonly colours: boolean;
  /** Width of the terminal; Infinity where there is none. */
  readonly columns: number;
}

/** Where there is no terminal, lines of dots are broken all the same. */
const COLUMNS = 80;

/** Up to this many scenarios that did not pass, their names are not repeated after them. */
const FEW = 6;

/** For many scenarios: a character for each, then all about those that did not pass, and a summary. */
export function dotReporter(write: Write, { colours, columns }: DotTerminal): Reporter {
  const paint = painter(colours);
  const width = Number.isFinite(columns) ? columns : COLUMNS;
  const results: ScenarioResult[] = [];
  let environment: Environment | null = null;
  let announced = 0;
  const writeLines = (lines: readonly Line[]) => write(lines.map((line) => `${paint(line)}\n`).join(''));
  return (event) => {
    switch (event.type) {
      case 'run-started':
        environment = event.environment;
        announced = event.scenarios.length;
        break;
      case 'scenario-started':
      case 'scenario-retried':
        break;
      case 'scenario-ended':
        results.push(event.result);
        write(`${paint([dot(event.result)])}${results.length % width === 0 ? '\n' : ''}`);
        break;
      case 'run-ended': {
        const wrong = results.filter(({ status }) => status === 'failed' || status === 'errored');
        if (results.length > 0) write(results.length % width === 0 ? '\n' : '\n\n');
        for (const result of wrong) writeLines(scenarioLines(result, { columns, detail: 'quiet' }, true));
        writeLines(endLines(event.summary, results, announced, wrong.length <= FEW));
        if (environment !== null) writeLines(differenceLines(environment, results, columns));
        break;
      }
    }
  };
}

/** The mark that the list has, but for what passed: a dot, or `±` where it passed only when tried again. */
function dot(result: ScenarioResult): Span {
  if (result.status !== 'passed') return mark(result);
  return result.flaky ? span('±', 'doubt') : span('·', 'good');
}
