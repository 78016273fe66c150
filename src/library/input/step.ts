import type { EventInput as EventShape, StepInput as StepShape } from '../../format/scenario.js';
import type { Agree, SameKeys } from './agree.js';
import type { Duration, When } from './common.js';
import type { FlowInput } from './flow.js';
import type { PolicyInput } from './policy.js';

/** A policy for one node, with the failures that are expected of it. */
export interface ApplyInput extends PolicyInput {
  /** Commands that will fail. */
  readonly expect?: readonly ExpectedFailureInput[];
  /** The longest that one item may take; 30 s unless given. */
  readonly timeout?: Duration;
}

export interface ExpectedFailureInput {
  /** Line of the recipe, or of a configuration tool's file, from 1. */
  readonly line: number;
  /** Which of a configuration tool's files; any unless given. */
  readonly file?: string;
  /** Exit status; any but 0 unless given. */
  readonly exit?: number;
  /** A part of the message, or a regular expression between slashes. */
  readonly message?: string;
  readonly when?: When;
}

/** Something that happens: exactly one of these keys. */
export interface EventInput {
  /** `node:interface` to take down. */
  readonly down?: string;
  /** `node:interface` to bring up. */
  readonly up?: string;
  /** `node:interface` of which the link loses its carrier, at both ends; on a segment, just that port. */
  readonly unplug?: string;
  /** Undoes `unplug`. */
  readonly plug?: string;
  /** `node:interface` of which the link carries nothing any more, while both ends keep their carrier. */
  readonly silence?: string;
  /** Undoes `silence`. */
  readonly restore?: string;
  /** Addresses with prefix lengths that an interface loses and gets. */
  readonly address?: {
    readonly interface: string;
    readonly remove?: readonly string[];
    readonly add?: readonly string[];
  };
  /** `node:interface`, an end of a ppp link that is connected. */
  readonly connect?: string;
  /** Undoes `connect`. */
  readonly disconnect?: string;
  readonly shell?: { readonly node: string; readonly script: string; readonly timeout?: Duration };
  readonly when?: When;
}

/** Applies, then events, then flows. */
export interface StepInput {
  readonly title?: string;
  readonly apply?: NodeApplyInput | readonly NodeApplyInput[];
  readonly event?: EventInput | readonly EventInput[];
  readonly flows?: readonly FlowInput[];
  /** What happens while the flows run. */
  readonly during?: readonly DuringInput[];
}

/** What happens at a time after the flows began: exactly one of `event` and `apply`. */
export interface DuringInput {
  readonly at: Duration;
  readonly event?: EventInput | readonly EventInput[];
  readonly apply?: NodeApplyInput | readonly NodeApplyInput[];
  readonly when?: When;
}

export interface NodeApplyInput extends ApplyInput {
  readonly node: string;
  readonly when?: When;
}

true satisfies Agree<EventInput, EventShape>;
true satisfies SameKeys<EventInput, EventShape>;
// In a file it has two keys more: `when`, which nothing needs in a program, and `fresh`.
true satisfies Agree<StepInput, Omit<StepShape, 'fresh' | 'when'>>;
true satisfies SameKeys<StepInput, Omit<StepShape, 'fresh' | 'when'>>;
