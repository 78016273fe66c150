import * as z from 'zod';
import type {
  Decision,
  ExplainedPassage,
  Explanation,
  ExplanationReport,
  RepeatReport,
  Suggestion,
} from '../model/explanation.js';
import type { Agree } from './agree.js';
import { choice } from './common.js';
import { verdict } from './expectation.js';
import { environment, scenario, version } from './report.js';
import type { decision, explanation, passage, repeat, suggestion } from './report-explanation.js';
import { flow } from './report-flow.js';

/* The format of `explain --json`, version 1. */

const numbered = z
  .strictObject({
    number: z.number().meta({ description: 'What to ask for by --flow, from 1.', examples: [1] }),
    step: z.string().meta({ description: "The step's title.", examples: ['as found', ''] }),
    from: z.string().meta({ description: 'The node that asks.', examples: ['client'] }),
    to: z.string().meta({ description: 'What it asks.', examples: ['server:eth1'] }),
    probe: z.string().meta({ description: 'What is sent.', examples: ['tcp/22'] }),
    family: z.union([z.literal(4), z.literal(6)]).meta({ description: 'Address family.', examples: [4] }),
    status: choice({ passed: 'as expected', failed: 'not as expected, or inconclusive' }).meta({
      description: 'Whether it is as expected.',
      examples: ['passed'],
    }),
    verdict: verdict.meta({ description: 'What was judged.', examples: ['asymmetric'] }),
  })
  .meta({ id: 'NumberedFlow', description: 'A flow of the scenario.' });

export const explanationReport = z
  .strictObject({
    version,
    environment,
    scenario: scenario.omit({ steps: true, diagnostics: true }).meta({
      description: 'The scenario as it was run, without its steps.',
      examples: [
        {
          ...{ id: 'mine', name: 'mine', file: 'scenarios/mine.yaml', title: 'ssh to the second uplink' },
          ...{ tags: [], source: null, claim: null, finding: null, lesson: null, variant: {} },
          ...{ status: 'passed', reason: null, startedAt: '2026-01-31T12:00:00.000Z', durationMs: 167.2 },
          ...{ attempts: 1, flaky: false, repetition: 1, kernel: '6.12.0', artifacts: null },
        },
      ],
    }),
    flows: z.array(numbered).meta({ description: 'All of its flows, in order of the file.', examples: [[]] }),
    number: z
      .number()
      .nullable()
      .meta({
        description: 'Which of them is explained; null where it was left to choose one.',
        examples: [2, null],
      }),
    flow: flow
      .nullable()
      .meta({ description: 'That flow, with its explanation; null without one.', examples: [null] }),
  })
  .meta({ description: 'What `replypath explain --json` prints.' });

true satisfies Agree<typeof explanationReport, ExplanationReport>;
true satisfies Agree<typeof explanation, Explanation>;
true satisfies Agree<typeof passage, ExplainedPassage>;
true satisfies Agree<typeof decision, Decision>;
true satisfies Agree<typeof repeat, RepeatReport>;
true satisfies Agree<typeof suggestion, Suggestion>;
