import * as z from 'zod';
import type { Diagnostic } from '../model/diagnostic.js';
import { DIFFERING, type KernelDifference } from '../model/difference.js';
import type { DirectionReport, FlowResult, Hop, ReplyReport } from '../model/flow-result.js';
import {
  type CommandReport,
  type Environment,
  REASONS,
  type RunEvent,
  type RunReport,
  type RunSummary,
  type ScenarioResult,
  type StepResult,
} from '../model/result.js';
import type { Expectation } from '../model/scenario.js';
import { type Configured, TOOLS } from '../model/tool.js';
import type { Agree } from './agree.js';
import { choice } from './common.js';
import type { expectation } from './report-expectation.js';
import { flow, type hop, type reply, type request } from './report-flow.js';
import { findingStatus } from './scenario.js';

/*
 * The format of `run --reporter json` and of run.json, version 1, and of the events that add up to it. The types of
 * src/model are what the stages share, and this is their published form; the check at the end keeps the two the same.
 */

const name = z.string().nullable();
const count = z.number();

const command = z
  .strictObject({
    node: z.string().meta({ description: 'Where it ran.', examples: ['server'] }),
    line: z
      .number()
      .meta({ description: "Line of the recipe, or of a configuration tool's file, from 1.", examples: [2] }),
    file: z
      .string()
      .exactOptional()
      .meta({
        description: "Which of a configuration tool's files the line is of, where the tool says it.",
        examples: ['/etc/network/interfaces'],
      }),
    text: z
      .string()
      .meta({ description: 'The command.', examples: ['ip rule add from 198.51.100.10 table 101'] }),
    exit: z.number().meta({ description: 'Its exit status.', examples: [0, 2] }),
    message: z.string().meta({
      description: 'What the tool printed, trimmed.',
      examples: ['RTNETLINK answers: File exists'],
    }),
    unexpected: z.boolean().meta({
      description: 'True for a failure that neither the script deals with nor the scenario expects.',
      examples: [false],
    }),
    atMs: z
      .number()
      .exactOptional()
      .meta({
        description: 'Of what was done while flows ran: when, in milliseconds since these began.',
        examples: [500],
      }),
  })
  .meta({ id: 'Command', description: 'What one command of a recipe did.' });

const configured = z
  .strictObject({
    node: z.string().meta({ description: 'Where the tool ran.', examples: ['server'] }),
    tool: choice(TOOLS).meta({ description: 'Which tool.', examples: ['ifupdown'] }),
    asked: z.number().meta({
      description:
        'How many addresses, routes and rules its files ask for, as far as they say it without being run.',
      examples: [8],
    }),
    ignored: z.array(z.string()).meta({
      description: 'Asked for and not there, with file and line.',
      examples: [['/etc/network/interfaces:12: post-up ip rule add from 198.51.100.10 table rt2']],
    }),
    added: z.array(z.string()).meta({
      description: 'There, and neither asked for nor there before; nothing of the table local.',
      examples: [["198.51.100.0/24 dev eth1 proto kernel scope link src 198.51.100.10 (the kernel's own)"]],
    }),
  })
  .meta({ id: 'Configured', description: 'What a configuration tool made of its files.' });

const diagnostic = z
  .strictObject({
    code: z.string().meta({ description: 'Which fault it is.', examples: ['unknown-interface'] }),
    message: z
      .string()
      .meta({ description: 'What is wrong.', examples: ['the node server has no interface eth2'] }),
    hint: z.string().meta({ description: 'What to do.', examples: ['Did you mean eth0 or eth1?'] }),
    place: z
      .strictObject({
        file: z.string().meta({ description: 'The file.', examples: ['scenarios/typo.yaml'] }),
        line: z.number().meta({ description: 'Its line, from 1.', examples: [6] }),
        column: z.number().meta({ description: 'The column, from 1.', examples: [29] }),
        frame: z.string().meta({ description: 'The lines around it, with a mark.', examples: [''] }),
      })
      .meta({
        description: 'Where it is.',
        examples: [{ file: 'scenarios/typo.yaml', line: 6, column: 29, frame: '' }],
      }),
  })
  .meta({ id: 'Diagnostic', description: 'A fault of a file.' });

const step = z
  .strictObject({
    title: z.string().meta({ description: 'What the step shows.', examples: ['as found'] }),
    commands: z.array(command).meta({
      description: 'What was applied, command by command.',
      examples: [[]],
    }),
    configured: z
      .array(configured)
      .exactOptional()
      .meta({
        description: 'Where configuration tools were run: what the kernel then had, beside what was asked.',
        examples: [[]],
      }),
    flows: z.array(flow).meta({ description: 'What was sent, judged.', examples: [[]] }),
    lab: count.meta({
      description: "In which of the scenario's labs, from 1: each step with `fresh` begins another.",
      examples: [1],
    }),
  })
  .meta({ id: 'Step', description: 'One step as it was carried out.' });

export const scenario = z
  .strictObject({
    id: z.string().meta({
      description: 'Path below the scenarios folder without .yaml.',
      examples: ['recipes/a1-rt2'],
    }),
    name: z.string().meta({
      description: 'The id, with the variant in brackets where there is one.',
      examples: ['recipes/a1-rt2 [isp=open family=4]'],
    }),
    file: z.string().meta({ description: 'The file.', examples: ['scenarios/recipes/a1-rt2.yaml'] }),
    title: z.string().meta({
      description: 'What the scenario shows.',
      examples: ['A table for the second uplink, chosen by its address'],
    }),
    tags: z.array(z.string()).meta({ description: 'Its tags.', examples: [['failover']] }),
    source: z
      .strictObject({
        document: z
          .string()
          .meta({ description: 'Short name of the document.', examples: ['linux-policy-routing'] }),
        comment: z
          .number()
          .nullable()
          .meta({ description: "Number of the reader's comment.", examples: [11, null] }),
      })
      .nullable()
      .meta({
        description: 'Where the setup comes from.',
        examples: [{ document: 'linux-policy-routing', comment: 11 }, null],
      }),
    claim: name.meta({
      description: 'What the source says.',
      examples: ['Traffic that arrives on eth1 is answered on eth0.', null],
    }),
    finding: z
      .strictObject({
        status: findingStatus.meta({ description: 'Whether the claim holds.', examples: ['confirmed'] }),
        text: z.string().meta({ description: 'What the kernel does.', examples: ['', 'Only for TCP.'] }),
      })
      .nullable()
      .meta({
        description: 'What the kernel does about the claim.',
        examples: [{ status: 'confirmed', text: '' }, null],
      }),
    lesson: name.meta({
      description: 'What the reader should learn.',
      examples: ['A rule selects a table by the source address. A reply has one before it is routed.', null],
    }),
    variant: z.record(z.string(), z.union([z.string(), z.number()])).meta({
      description: 'The cell of the matrix: value by key; empty without a matrix.',
      examples: [{ isp: 'open', family: 4 }, {}],
    }),
    status: choice({
      passed: 'every flow is as expected',
      failed: 'a flow is not as expected, or inconclusive',
      errored: 'the scenario is invalid, its lab was not built, or a recipe failed unexpectedly',
      skipped: 'this machine lacks what it needs',
    }).meta({ description: 'What came of it.', examples: ['passed'] }),
    reason: z
      .strictObject({
        code: choice(REASONS).meta({
          description: 'Which reason it is.',
          examples: ['flow-not-as-expected'],
        }),
        text: z.string().meta({
          description: 'The same for people.',
          examples: ['1 of 3 flows is not as expected'],
        }),
      })
      .nullable()
      .meta({
        description: 'Why it did not pass; null where it did.',
        examples: [{ code: 'flow-not-as-expected', text: '1 of 3 flows is not as expected' }, null],
      }),
    diagnostics: z.array(diagnostic).meta({
      description: 'Faults of its files, where that is the reason.',
      examples: [[]],
    }),
    startedAt: z.string().meta({
      description: 'When its last attempt began, in UTC (ISO 8601).',
      examples: ['2026-01-31T12:00:00.000Z'],
    }),
    durationMs: z.number().meta({ description: 'How long it took, in milliseconds.', examples: [167.2] }),
    attempts: count.meta({
      description: 'How many times it was run; this is the result of the last time.',
      examples: [1],
    }),
    flaky: z.boolean().meta({ description: 'Passed, but not at the first attempt.', examples: [false] }),
    guestDied: z
      .string()
      .exactOptional()
      .meta({
        description: 'Retried after the virtual machine died that had it: what that one said last.',
        examples: ['the virtual machine with 6.12.0 ended by itself: Kernel panic - not syncing'],
      }),
    repetition: count.meta({
      description: 'From 1, where every scenario is run several times.',
      examples: [1],
    }),
    kernel: z
      .string()
      .exactOptional()
      .meta({
        description: 'Release of the kernel on which it ran; reports of earlier versions lack it.',
        examples: ['6.12.0'],
      }),
    kernelName: z
      .string()
      .exactOptional()
      .meta({
        description:
          'The same kernel as the run was asked for it, where that was for several; the name then ends in it.',
        examples: ['host', '6.12'],
      }),
    artifacts: name.meta({
      description:
        'Folder with the captures, those of a second lab in lab-2 below it, and so on; null where none was written.',
      examples: ['replypath-results/recipes/a1-rt2', null],
    }),
    steps: z.array(step).meta({ description: 'Its steps, as far as they were carried out.', examples: [[]] }),
  })
  .meta({ id: 'Scenario', description: 'The result of a scenario, or of one cell of its matrix.' });

export const environment = z
  .strictObject({
    replypath: z.string().meta({ description: 'Version of replypath.', examples: ['0.1.0'] }),
    node: z.string().meta({ description: 'Version of Node.', examples: ['v22.11.0'] }),
    kernel: z
      .string()
      .meta({ description: "Release of the kernel; of several, the first one's.", examples: ['6.12.0'] }),
    kernels: z
      .record(z.string(), z.string())
      .exactOptional()
      .meta({
        description: 'Where several kernels were asked for: the release of each by its name.',
        examples: [{ host: '6.18.0', '6.12': '6.12.0' }],
      }),
    rootless: z.boolean().meta({ description: 'Run by an ordinary user.', examples: [false] }),
    tools: z.record(z.string(), z.string()).meta({
      description: 'Version by tool.',
      examples: [{ ip: '6.1.0', tcpdump: '4.99.3' }],
    }),
  })
  .meta({
    description: 'Where the run took place.',
    examples: [{ replypath: '0.1.0', node: 'v22.11.0', kernel: '6.12.0', rootless: false, tools: {} }],
  });

const summary = z
  .strictObject({
    passed: count.meta({ description: 'Scenarios that passed.', examples: [12] }),
    failed: count.meta({ description: 'Scenarios that failed.', examples: [0] }),
    errored: count.meta({ description: 'Scenarios that errored.', examples: [0] }),
    skipped: count.meta({ description: 'Scenarios that were skipped.', examples: [0] }),
    inconclusive: count.meta({
      description: 'Scenarios, among the failed ones, with an inconclusive flow.',
      examples: [0],
    }),
    flaky: count.meta({
      description: 'Scenarios, among the passed ones, that passed only when tried again.',
      examples: [0],
    }),
    durationMs: z.number().meta({ description: 'How long the run took, in milliseconds.', examples: [1820] }),
  })
  .meta({
    description: 'How many of each; each cell of a matrix counts.',
    examples: [
      { passed: 12, failed: 0, errored: 0, skipped: 0, inconclusive: 0, flaky: 0, durationMs: 1820 },
    ],
  });

export const version = z.literal(1).meta({ description: 'Of this format.', examples: [1] });

const difference = z
  .strictObject({
    scenario: z.string().meta({
      description: "The scenario's name, without a kernel.",
      examples: ['recipes/a1-rt2 [isp=open family=4]'],
    }),
    file: z.string().meta({ description: 'Its file.', examples: ['scenarios/recipes/a1-rt2.yaml'] }),
    flow: z
      .strictObject({
        step: count.meta({ description: 'Number of its step, from 1.', examples: [1] }),
        title: z.string().meta({ description: "The step's title.", examples: ['as found'] }),
        flow: count.meta({ description: 'Its number in the step, from 1.', examples: [2] }),
        from: z.string().meta({ description: 'The node that asks.', examples: ['client'] }),
        to: z.string().meta({ description: 'What it asks.', examples: ['server:eth1'] }),
        probe: z.string().meta({ description: 'What is sent.', examples: ['tcp/22'] }),
        family: z.union([z.literal(4), z.literal(6)]).meta({ description: 'Address family.', examples: [4] }),
      })
      .nullable()
      .meta({
        description:
          'Which flow; null where the scenario as a whole differs, skipped on one kernel, for example.',
        examples: [
          {
            ...{ step: 1, title: 'as found', flow: 2 },
            ...{ from: 'client', to: 'server:eth1', probe: 'tcp/22', family: 4 },
          },
          null,
        ],
      }),
    differing: z
      .array(
        z
          .strictObject({
            property: choice(DIFFERING).meta({ description: 'Which it is.', examples: ['verdict'] }),
            values: z.record(z.string(), name).meta({
              description:
                "By the kernel's name; null where there is no such thing. A kernel on which it was not come to has none.",
              examples: [{ host: 'symmetric', '6.12': 'no-reply' }],
            }),
          })
          .meta({ description: 'One property that is not the same on all kernels.' }),
      )
      .meta({
        description: 'The properties that are not the same on all kernels.',
        examples: [[{ property: 'verdict', values: { host: 'symmetric', '6.12': 'no-reply' } }]],
      }),
  })
  .meta({
    id: 'Difference',
    description:
      'A scenario that came to another end on one of several kernels, or a flow of it that went another way.',
  });

export const reportSchema = z
  .strictObject({
    version,
    environment,
    summary,
    scenarios: z
      .array(scenario)
      .meta({ description: 'In the order of their files, variants and kernels.', examples: [[]] }),
    differences: z
      .array(difference)
      .exactOptional()
      .meta({
        description: 'Where several kernels were asked for: what was not the same on all of them.',
        examples: [[]],
      }),
  })
  .meta({ description: 'What `replypath run --reporter json` prints and run.json holds.' });

/** A line of run.jsonl, and of `--reporter jsonl`. */
export const eventSchema = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('run-started'),
    version,
    environment,
    scenarios: z.array(z.string()),
  }),
  z.strictObject({ type: z.literal('scenario-started'), name: z.string() }),
  z.strictObject({ type: z.literal('scenario-retried'), result: scenario }),
  z.strictObject({ type: z.literal('scenario-ended'), result: scenario }),
  z.strictObject({ type: z.literal('run-ended'), summary }),
]);

/*
 * Fails to compile where format and model differ. Piece by piece: the compiler takes types for the
 * same when they differ only more than about three levels down.
 */
true satisfies Agree<typeof reportSchema, RunReport>;
true satisfies Agree<typeof eventSchema, RunEvent>;
true satisfies Agree<typeof summary, RunSummary>;
true satisfies Agree<typeof scenario, ScenarioResult>;
true satisfies Agree<typeof environment, Environment>;
true satisfies Agree<typeof difference, KernelDifference>;
true satisfies Agree<typeof diagnostic, Diagnostic>;
true satisfies Agree<typeof command, CommandReport>;
true satisfies Agree<typeof configured, Configured>;
true satisfies Agree<typeof flow, FlowResult>;
true satisfies Agree<typeof expectation, Expectation>;
true satisfies Agree<typeof request, DirectionReport>;
true satisfies Agree<typeof reply, ReplyReport>;
true satisfies Agree<typeof hop, Hop>;
true satisfies Agree<typeof step, StepResult>;
