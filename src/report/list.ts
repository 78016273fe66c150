import type { Environment, ScenarioResult } from '../model/result.js';
import { painter } from './paint.js';
import type { Reporter, Write } from './reporter.js';
import { endLines } from './text/ending.js';
import { fill, type Line, line } from './text/line.js';
import { type Extent, scenarioLines } from './text/scenario.js';

export interface ListOptions extends Extent {
  readonly write: Write;
  readonly colours: boolean;
}

/** Up to this many scenarios, the flows of those that passed are shown as well. */
const FEW = 6;

/** For people: a line for each scenario, more for what needs attention, and a summary. */
export function listReporter(options: ListOptions): Reporter {
  const paint = painter(options.colours);
  const results: ScenarioResult[] = [];
  let announced = 0;
  let few = true;
  let afterGap = true;
  const write = (lines: readonly Line[]) => {
    const last = lines.at(-1);
    if (last === undefined) return;
    afterGap = last.length === 0;
    options.write(lines.map((line) => `${paint(line)}\n`).join(''));
  };
  return (event) => {
    switch (event.type) {
      case 'run-started':
        announced = event.scenarios.length;
        few = announced <= FEW;
        if (options.detail !== 'quiet') write([...environmentLines(event.environment, options), []]);
        break;
      case 'scenario-started':
      case 'scenario-retried':
        break;
      case 'scenario-ended':
        results.push(event.result);
        write(scenarioLines(event.result, options, few));
        break;
      case 'run-ended':
        if (!afterGap) write([[]]);
        write(endLines(event.summary, results, announced, few));
        break;
    }
  };
}

function environmentLines(environment: Environment, { columns, detail }: ListOptions): readonly Line[] {
  const tools = Object.entries(environment.tools).map(([tool, version]) => `${tool} ${version},`);
  const parts = [
    `replypath ${environment.replypath},`,
    `Linux ${environment.kernel},`,
    ...(detail === 'verbose' ? tools : []),
    environment.rootless ? 'without root' : 'as root',
  ];
  const pieces = parts.map((part) => line(part, 'faint'));
  return fill([], pieces, columns);
}
