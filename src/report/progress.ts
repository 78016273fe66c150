import type { RunEvent, ScenarioStatus } from '../model/result.js';
import type { TerminalSize } from './live-region.js';
import { runningText } from './text/duration.js';
import { join, type Line, line, padded, type Span, span, type Tone, width } from './text/line.js';

interface Running {
  /** In the time of the clock. */
  readonly since: number;
  /** From 1. */
  readonly attempt: number;
}

/** So many of the scenarios that are running are named, those that have run longest. */
const NAMED = 3;

/** Columns of the bar, and the narrowest terminal that has one. */
const BAR = { columns: 20, from: 60 } as const;

const TONES: Readonly<Record<ScenarioStatus, Tone>> = {
  failed: 'bad',
  errored: 'bad',
  passed: 'good',
  skipped: 'faint',
};

/** How far a run has come: what has ended, and what is running now. */
export class Progress {
  private total = 0;
  private begin: number;
  private readonly counts = { failed: 0, errored: 0, passed: 0, skipped: 0 };
  private readonly running = new Map<string, Running>();

  /** `now` gives milliseconds. */
  constructor(private readonly now: () => number) {
    this.begin = now();
  }

  add(event: RunEvent): void {
    switch (event.type) {
      case 'run-started':
        this.total = event.scenarios.length;
        this.begin = this.now();
        break;
      case 'scenario-started':
        this.running.set(event.name, { since: this.now(), attempt: 1 });
        break;
      case 'scenario-retried': {
        const { name, attempts } = event.result;
        const since = this.running.get(name)?.since ?? this.now();
        this.running.set(name, { since, attempt: attempts + 1 });
        break;
      }
      case 'scenario-ended':
        this.running.delete(event.result.name);
        this.counts[event.result.status] += 1;
        break;
      case 'run-ended':
        break;
    }
  }

  /** A line of counts, and one for each of the slowest, as far as the rows go; what matters most is leftmost. */
  lines({ columns, rows }: TerminalSize): readonly Line[] {
    const slowest = [...this.running].sort(([, a], [, b]) => a.since - b.since);
    const named = Math.max(0, Math.min(NAMED, rows - 4));
    return [this.countsLine(columns), ...slowest.slice(0, named).map((entry) => this.runningLine(...entry))];
  }

  private countsLine(columns: number): Line {
    const { failed, errored, passed, skipped } = this.counts;
    const done = failed + errored + passed + skipped;
    const counts = Object.entries(this.counts).flatMap(([status, count]) =>
      count === 0 ? [] : [line(`${count} ${status}`, TONES[status as ScenarioStatus])],
    );
    if (this.running.size > 0) counts.push(line(`${this.running.size} running`));
    return [
      ...(columns < BAR.from ? [] : this.bar(done)),
      span(`${done}/${this.total}`, 'strong'),
      span(`  ${runningText(this.now() - this.begin)}  `, 'faint'),
      ...join(counts, ', '),
    ];
  }

  private bar(done: number): readonly Span[] {
    const full = this.total === 0 ? 0 : Math.floor((BAR.columns * done) / this.total);
    const tone = this.counts.failed + this.counts.errored > 0 ? 'bad' : 'good';
    return [span('━'.repeat(full), tone), span('─'.repeat(BAR.columns - full), 'faint'), span('  ')];
  }

  private runningLine(name: string, { since, attempt }: Running): Line {
    const time = line(runningText(this.now() - since), 'faint');
    const again = attempt > 1 ? [span(` (attempt ${attempt})`, 'doubt')] : [];
    return [span('  '), ...padded(time, Math.max(8, width(time) + 2)), span(name), ...again];
  }
}
