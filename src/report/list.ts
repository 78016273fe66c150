import type { Environment, ScenarioResult } from '../model/result.js';
import { differenceLines } from './difference-layout.js';
import { LiveRegion, type LiveTerminal } from './live-region.js';
import { painter } from './paint.js';
import { Progress } from './progress.js';
import type { Reporter, Write } from './reporter.js';
import { endLines } from './text/ending.js';
import { kernelsText } from './text/environment.js';
import { fill, type Line, line } from './text/line.js';
import { type Extent, scenarioLines } from './text/scenario.js';

export interface ListOptions extends Extent {
  readonly write: Write;
  readonly colours: boolean;
  /** The terminal that `write` writes to, where progress can be drawn on it. */
  readonly live?: LiveTerminal | null;
  /** A clock in milliseconds that never goes back. */
  readonly now?: () => number;
}

/** Up to this many scenarios, the flows of those that passed are shown as well. */
const FEW = 6;

/** For people: a line for each scenario, more for what needs attention, a summary, and progress meanwhile. */
export function listReporter({
  live = null,
  now = () => performance.now(),
  ...options
}: ListOptions): Reporter {
  const paint = painter(options.colours);
  const progress = new Progress(now);
  const results: ScenarioResult[] = [];
  /** Attempts that were followed by another, by name. */
  const attempts = new Map<string, ScenarioResult[]>();
  let environment: Environment | null = null;
  let announced = 0;
  let few = true;
  let afterGap = true;
  let region: LiveRegion | null = null;
  const extent = (): Extent => ({ detail: options.detail, columns: live?.size().columns ?? options.columns });
  const write = (lines: readonly Line[]) => {
    const last = lines.at(-1);
    if (last === undefined) return;
    afterGap = last.length === 0;
    const text = lines.map((line) => `${paint(line)}\n`).join('');
    if (region === null) options.write(text);
    else region.print(text);
  };
  return (event) => {
    progress.add(event);
    switch (event.type) {
      case 'run-started':
        environment = event.environment;
        announced = event.scenarios.length;
        few = announced <= FEW;
        if (options.detail !== 'quiet') write([...environmentLines(event.environment, extent()), []]);
        if (live !== null && announced > 0) {
          region = new LiveRegion(live, options.write, paint, (size) => [
            ...(afterGap ? [] : [[]]),
            ...progress.lines(size),
          ]);
        }
        break;
      case 'scenario-started':
        break;
      case 'scenario-retried':
        attempts.set(event.result.name, [...(attempts.get(event.result.name) ?? []), event.result]);
        break;
      case 'scenario-ended':
        results.push(event.result);
        write(scenarioLines(event.result, extent(), few, attempts.get(event.result.name)));
        break;
      case 'run-ended': {
        region?.close();
        region = null;
        if (!afterGap) write([[]]);
        const slowest = live !== null || options.detail === 'verbose';
        write(endLines(event.summary, results, announced, few, { columns: extent().columns, slowest }));
        if (environment !== null) write(differenceLines(environment, results, extent().columns));
        break;
      }
    }
  };
}

function environmentLines(environment: Environment, { columns, detail }: Extent): readonly Line[] {
  const tools = Object.entries(environment.tools).map(([tool, version]) => `${tool} ${version},`);
  const parts = [
    `replypath ${environment.replypath},`,
    `Linux ${kernelsText(environment)},`,
    ...(detail === 'verbose' ? tools : []),
    environment.rootless ? 'without root' : 'as root',
  ];
  const pieces = parts.map((part) => line(part, 'faint'));
  return fill([], pieces, columns);
}
