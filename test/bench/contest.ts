import { MeasurementError, type Reading } from './clock.js';

/** One way to do a thing. */
export interface Contender {
  readonly name: string;
  /** Does it once. */
  readonly run: () => Promise<Reading>;
  readonly goals: readonly Goal[];
}

/** At most this share of the time that the baseline takes. */
export interface Goal {
  readonly baseline: string;
  readonly ratio: number;
}

export interface Contest {
  readonly title: string;
  /** What a reading is divided by: scenarios in one run of a suite. */
  readonly per: number;
  /** The first is what the others are measured against, where their goals name no other. */
  readonly contenders: readonly Contender[];
}

export interface Spread {
  readonly median: number;
  readonly least: number;
  readonly most: number;
}

export interface Standing {
  readonly contender: Contender;
  readonly wallMs: Spread;
  readonly cpuMs: Spread | null;
}

/** Every contender once in each round, so that all have the same weather; the order turns round by round. */
export async function hold(contest: Contest, rounds: number): Promise<Standing[]> {
  const readings = new Map<Contender, Reading[]>(contest.contenders.map((contender) => [contender, []]));
  const all = [...readings.entries()];
  for (let round = 0; round < rounds; round++) {
    const first = round % all.length;
    for (const [contender, mine] of [...all.slice(first), ...all.slice(0, first)]) {
      process.stderr.write(`${contest.title}, round ${round + 1} of ${rounds}: ${contender.name}\n`);
      mine.push(await contender.run());
    }
  }
  return all.map(([contender, mine]) => ({
    contender,
    wallMs: spread(mine.map(({ wallMs }) => wallMs / contest.per)),
    cpuMs: spreadOfKnown(mine.map(({ cpuMs }) => (cpuMs === null ? null : cpuMs / contest.per))),
  }));
}

function spreadOfKnown(values: readonly (number | null)[]): Spread | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : spread(known);
}

export function spread(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b);
  const [least, most] = [sorted[0], sorted.at(-1)];
  if (least === undefined || most === undefined) throw new MeasurementError('nothing was measured');
  const middle = (sorted.length - 1) / 2;
  const median = ((sorted[Math.floor(middle)] ?? least) + (sorted[Math.ceil(middle)] ?? most)) / 2;
  return { median, least, most };
}
