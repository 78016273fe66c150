import { EVERYTHING, type Selection, type Shard } from '../run/select.js';

/** Which of the scenarios that are found are meant; the same as the flags of `replypath run`. */
export interface SelectOptions {
  /** Only scenarios whose name, variant included, matches. */
  readonly grep?: RegExp;
  /** No scenarios whose name, variant included, matches. */
  readonly grepInvert?: RegExp;
  /** Only scenarios with one of these tags; one that begins with `!` leaves out those that have it. */
  readonly tags?: readonly string[];
  /** A part of what all the others select: of `count` parts the one with this `index`, from 1. */
  readonly shard?: Shard;
}

export function selectionOf({ grep, grepInvert, tags, shard }: SelectOptions): Selection {
  return {
    ...EVERYTHING,
    grep: stateless(grep),
    grepInvert: stateless(grepInvert),
    tags: tags ?? [],
    shard: shard ?? null,
  };
}

/** An expression that is global or sticky goes on where it stopped: not what selecting means. */
function stateless(expression: RegExp | undefined): RegExp | null {
  return expression === undefined
    ? null
    : new RegExp(expression.source, expression.flags.replace(/[gy]/g, ''));
}
