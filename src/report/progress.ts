import type { RunEvent, ScenarioStatus } from '../model/result.js';
import type { TerminalSize } from './live-region.js';
import { runningText } from './text/duration.js';
import { join, type Line, line, type Span, span, type Tone, width } from './text/line.js';
import { printable } from './text/printable.js';
import { withoutMiddle } from './text/width.js';

interface Running {
  /** In the time of the clock. */
  readonly since: number;
  /** From 1. */
  readonly attempt: number;
}

/** So many of the scenarios that are running are named, those that have run longest. */
const NAMED = 3;

/** Terminals narrower than this have no column to spare for an indentation. */
const NARROW = 40;

/** Columns of the bar, and the narrowest terminal that has one. */
const BAR = { columns: 20, from: 60 } as const;

/** In the order of the counts, with the signs of the list. */
const STATUSES: readonly { readonly status: ScenarioStatus; readonly sign: string; readonly tone: Tone }[] = [
  { status: 'failed', sign: '✗', tone: 'bad' },
  { status: 'errored', sign: '!', tone: 'bad' },
  { status: 'passed', sign: '✓', tone: 'good' },
  { status: 'skipped', sign: '-', tone: 'faint' },
];

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
    return [
      this.countsLine(columns),
      ...slowest.slice(0, named).map(([name, running]) => this.runningLine(name, running, columns)),
    ];
  }

  private countsLine(columns: number): Line {
    const full = this.counted(columns, ({ status }, count) => `${count} ${status}`, '  ', ', ');
    return width(full) < columns
      ? full
      : this.counted(columns, ({ sign }, count) => `${sign}${count}`, ' ', ' ');
  }

  private counted(
    columns: number,
    text: (of: (typeof STATUSES)[number], count: number) => string,
    gap: string,
    separator: string,
  ): Line {
    const done = STATUSES.reduce((sum, { status }) => sum + this.counts[status], 0);
    const counts = STATUSES.filter(({ status }) => this.counts[status] > 0).map((of) =>
      line(text(of, this.counts[of.status]), of.tone),
    );
    return [
      ...(columns < BAR.from ? [] : this.bar(done)),
      span(`${done}/${this.total}`, 'strong'),
      span(`${gap}${runningText(this.now() - this.begin)}${gap}`, 'faint'),
      ...join(counts, separator),
    ];
  }

  private bar(done: number): readonly Span[] {
    const full = this.total === 0 ? 0 : Math.floor((BAR.columns * done) / this.total);
    const tone = this.counts.failed + this.counts.errored > 0 ? 'bad' : 'good';
    return [span('━'.repeat(full), tone), span('─'.repeat(BAR.columns - full), 'faint'), span('  ')];
  }

  private runningLine(name: string, { since, attempt }: Running, columns: number): Line {
    const time = runningText(this.now() - since);
    const lead = line(columns < NARROW ? `${time} ` : `  ${time.padEnd(6)}  `, 'faint');
    const again = attempt > 1 ? line(` (attempt ${attempt})`, 'doubt') : [];
    const room = columns - 1 - width(lead) - width(again);
    return [...lead, span(withoutMiddle(printable(name), Math.max(room, 8))), ...again];
  }
}
