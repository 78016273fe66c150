import { z } from 'zod';
import { CAPTURE_METHODS, DETAILS, EXPLAINED, REPORTERS, STATES_KEPT } from '../model/settings.js';
import { text } from './common.js';

const MAXIMUM = 9999;

const count = z.int().min(1).max(MAXIMUM);

const pattern = text.refine(isRegularExpression, {
  error: ({ input }) => `must be a regular expression: ${faultOf(String(input))}`,
});

const reporter = z
  .string()
  .regex(
    new RegExp(`^(${REPORTERS.join('|')})(:.+)?$`, 's'),
    `must be NAME or NAME:FILE; names are ${REPORTERS.join(', ')}`,
  );

/** `replypath.config.yaml`: what `run` and `list` do unless a flag or an environment variable says otherwise. */
export const configFile = z
  .strictObject({
    paths: z
      .array(text)
      .min(1)
      .optional()
      .describe('Scenario files, folders or patterns where the command names none, from this file.')
      .meta({ examples: [['scenarios'], ['scenarios/recipes', 'more/**/*.yaml']] }),
    grep: pattern
      .optional()
      .describe('Regular expression: only scenarios whose name, variant included, matches.')
      .meta({ examples: ['^recipes/', 'family=6'] }),
    grepInvert: pattern
      .optional()
      .describe('Regular expression: no scenarios whose name, variant included, matches.')
      .meta({ examples: ['isp=stateful'] }),
    tags: z
      .array(text)
      .optional()
      .describe('Only scenarios with one of these tags; !TAG leaves out those with it.')
      .meta({ examples: [['source-rule', 'two-gateways'], ['!slow']] }),
    kernel: z
      .union([text, z.array(text).min(1)])
      .optional()
      .describe(
        "Make labs in virtual machines with that kernel: `host` for none, which is the default, `auto` for just what this machine cannot run, a version of Debian's archive, or a path. A list: run everything on each, and say where they differ.",
      )
      .meta({ examples: ['6.12', 'auto', ['host', '6.12']] }),
    workers: count
      .optional()
      .describe('Labs at a time; two for each core unless given.')
      .meta({ examples: [2] }),
    repeatEach: count
      .optional()
      .describe('How often each scenario is run; once unless given.')
      .meta({ examples: [10] }),
    retries: z
      .int()
      .min(0)
      .max(MAXIMUM)
      .optional()
      .describe('How often a scenario that did not pass is tried again; never unless given.')
      .meta({ examples: [1] }),
    bail: count
      .optional()
      .describe('Begin no other scenario after this many that did not pass.')
      .meta({ examples: [1] }),
    capture: z
      .enum(CAPTURE_METHODS)
      .optional()
      .describe("Who captures: each node's own agent, which is the default, or a tcpdump beside it.")
      .meta({ examples: ['tcpdump'], enumDescriptions: ["each node's own agent", 'a tcpdump beside it'] }),
    explain: z
      .enum(EXPLAINED)
      .optional()
      .describe('Of which flows the cause is looked for; of those that are not as expected unless given.')
      .meta({
        examples: ['all'],
        enumDescriptions: ['those that are not as expected', 'all', 'none, beyond what their packets tell'],
      }),
    state: z
      .enum(STATES_KEPT)
      .optional()
      .describe(
        'Of which labs it is kept how their nodes were configured before and after; of those in which something went wrong unless given.',
      )
      .meta({
        examples: ['all'],
        enumDescriptions: ['those in which something went wrong', 'all', 'none'],
      }),
    output: text
      .optional()
      .describe('Folder for captures and reports, from this file; replypath-results unless given.')
      .meta({ examples: ['out/replypath'] }),
    reporters: z
      .array(reporter)
      .min(1)
      .optional()
      .describe('How to report, NAME or NAME:FILE; at most one without a file. Files are from this file.')
      .meta({ examples: [['list', 'junit:out/junit.xml']] }),
    detail: z
      .enum(DETAILS)
      .optional()
      .describe('How much the list reporter tells.')
      .meta({
        examples: ['verbose'],
        enumDescriptions: [
          'only what did not pass',
          'every flow in a line',
          'also every path and every command',
        ],
      }),
    failOnSkip: z
      .boolean()
      .optional()
      .describe('Exit with 1 where a scenario is skipped.')
      .meta({ examples: [true] }),
    allowSkip: z
      .array(pattern)
      .optional()
      .describe('Regular expressions on the reasons for which failOnSkip lets a scenario be skipped.')
      .meta({ examples: [['nf_tables', 'wireguard']] }),
  })
  .describe('Settings of replypath run and replypath list.');

export type ConfigInput = z.infer<typeof configFile>;

function isRegularExpression(source: string): boolean {
  return faultOf(source) === null;
}

function faultOf(source: string): string | null {
  try {
    new RegExp(source);
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : '';
  }
}
