import * as z from 'zod';
import type { Diagnostic } from '../model/diagnostic.js';
import type { DirectionReport, FlowResult, Hop, ReplyReport } from '../model/flow-result.js';
import {
  type CommandReport,
  REASONS,
  type RunEvent,
  type RunReport,
  type RunSummary,
  type ScenarioResult,
} from '../model/result.js';
import type { Expectation } from '../model/scenario.js';
import { CAUSES, LOSS_REASONS, VERDICTS } from '../model/verdict.js';

/*
 * The format of `run --reporter json` and of run.json, version 1, and of the events that add up to it. The types of src/model are what
 * the stages share, and this is their published form; the check at the end keeps the two the same.
 */

/** One of a list of published codes, each with its meaning as the description. */
function code<K extends string>(meanings: Readonly<Record<K, string>>) {
  const codes = Object.keys(meanings) as K[];
  return z.union(codes.map((value) => z.literal(value).describe(meanings[value])));
}

const family = z.union([z.literal(4), z.literal(6)]);
const name = z.string().nullable();
const direction = z.enum(['in', 'out']);
const verdict = z.enum(VERDICTS);

const hop = z
  .strictObject({
    node: z.string(),
    interface: z.string(),
    direction,
    address: z.string().describe("The packet's source address as sighted here."),
  })
  .meta({ id: 'Hop' });

const way = {
  in: name.describe('Interface by which it entered the judged node.'),
  out: name.describe('Interface by which it left the judged node.'),
  nexthop: name.describe('node:interface where it was sighted next after the judged node.'),
  unresolved: name.describe('The address that the judged node asked for in vain.'),
  previousHop: name.describe('node:interface where it was sighted last before the judged node.'),
  mac: name.describe('Layer-2 address of the next hop where there is one, else of the previous one.'),
  path: z.array(hop).describe('Sightings in order of time.'),
};

const request = z.strictObject(way).meta({ id: 'Request' });

const reply = z
  .strictObject({
    ...way,
    source: name.describe('Source address of the reply as it reached the sender, or where sighted last.'),
    asAsked: z.boolean().nullable().describe('Whether that is the address asked; null without a reply.'),
  })
  .meta({ id: 'Reply' });

const expectedDirection = {
  in: z.string().exactOptional(),
  out: z.string().exactOptional(),
  nexthop: name.exactOptional().describe('null: expected to stay unresolved.'),
};

const expectation = z
  .strictObject({
    verdict,
    request: z.strictObject(expectedDirection).exactOptional(),
    reply: z.strictObject({ ...expectedDirection, source: z.string().exactOptional() }).exactOptional(),
    sameNexthop: z.boolean().exactOptional(),
    by: z.string().exactOptional(),
    errno: z.string().exactOptional(),
    lost: z
      .strictObject({
        node: z.string().exactOptional(),
        interface: z.string().exactOptional(),
        direction: direction.exactOptional(),
        reason: z.string().exactOptional(),
      })
      .exactOptional(),
    cause: z.string().exactOptional(),
    intended: z.boolean(),
  })
  .meta({ id: 'Expectation' });

const flow = z
  .strictObject({
    from: z.string(),
    to: z.string(),
    at: z.string().describe('The node judged.'),
    role: z.enum(['responder', 'forwarder', 'initiator']),
    probe: z.string(),
    family,
    line: z.number().describe('Line of the scenario file at which the flow stands, from 1.'),
    status: z.enum(['passed', 'failed']),
    expected: expectation,
    verdict,
    intended: z.boolean(),
    sameNexthop: z
      .boolean()
      .nullable()
      .describe("Whether the reply's next hop is the request's previous hop; null where either is unknown."),
    by: name.describe('The node that refused.'),
    refusal: z
      .strictObject({
        kind: z.enum(['tcp-reset', 'icmp', 'icmp6']),
        type: z.number().nullable(),
        code: z.number().nullable(),
      })
      .nullable(),
    errno: name.describe('The error with which the local system refused to send.'),
    packets: z
      .array(z.strictObject({ sequence: z.number(), verdict, request, reply }))
      .describe("Each packet's verdict where they do not agree, else empty."),
    sent: z.number(),
    received: z.number(),
    duplicates: z.number(),
    request,
    reply,
    lost: z
      .strictObject({ node: z.string(), interface: name, direction, reason: code(LOSS_REASONS) })
      .nullable(),
    cause: z.strictObject({ code: code(CAUSES), text: z.string(), evidence: z.array(z.string()) }).nullable(),
    differences: z.array(z.string()).describe('What differs from the expectation; empty when passed.'),
  })
  .meta({ id: 'Flow' });

const command = z
  .strictObject({
    node: z.string(),
    line: z.number().describe('Line of the recipe, from 1.'),
    text: z.string(),
    exit: z.number(),
    message: z.string(),
    unexpected: z
      .boolean()
      .describe('True for a failure that neither the script deals with nor the scenario expects.'),
  })
  .meta({ id: 'Command' });

const diagnostic = z
  .strictObject({
    code: z.string(),
    message: z.string(),
    hint: z.string(),
    place: z.strictObject({ file: z.string(), line: z.number(), column: z.number(), frame: z.string() }),
  })
  .meta({ id: 'Diagnostic' });

const scenario = z
  .strictObject({
    id: z.string(),
    name: z.string().describe('The id, with the variant in brackets where there is one.'),
    file: z.string(),
    title: z.string(),
    tags: z.array(z.string()),
    source: z.strictObject({ document: z.string(), comment: z.number().nullable() }).nullable(),
    claim: z.string().nullable(),
    finding: z
      .strictObject({ status: z.enum(['confirmed', 'refined', 'refuted', 'unresolved']), text: z.string() })
      .nullable(),
    variant: z.record(z.string(), z.union([z.string(), z.number()])),
    status: z.enum(['passed', 'failed', 'errored', 'skipped']),
    reason: z.strictObject({ code: code(REASONS), text: z.string() }).nullable(),
    diagnostics: z.array(diagnostic),
    startedAt: z.string().describe('When its last attempt began, in UTC (ISO 8601).'),
    durationMs: z.number(),
    attempts: z.number().describe('How many times it was run; this is the result of the last time.'),
    flaky: z.boolean().describe('Passed, but not at the first attempt.'),
    repetition: z.number().describe('From 1, where every scenario is run several times.'),
    artifacts: name.describe("Folder with the scenario's captures; null where none was written."),
    steps: z.array(z.strictObject({ title: z.string(), commands: z.array(command), flows: z.array(flow) })),
  })
  .meta({ id: 'Scenario' });

const environment = z.strictObject({
  replypath: z.string(),
  node: z.string(),
  kernel: z.string(),
  rootless: z.boolean(),
  tools: z.record(z.string(), z.string()).describe('Version by tool.'),
});

const summary = z.strictObject({
  passed: z.number(),
  failed: z.number(),
  errored: z.number(),
  skipped: z.number(),
  inconclusive: z.number().describe('Scenarios, among the failed ones, with an inconclusive flow.'),
  flaky: z.number().describe('Scenarios, among the passed ones, that passed only when tried again.'),
  durationMs: z.number(),
});

const version = z.literal(1);

export const reportSchema = z.strictObject({
  version,
  environment,
  summary,
  scenarios: z.array(scenario),
});

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

/** The report's JSON Schema (draft 2020-12). */
export function reportJsonSchema(): z.core.JSONSchema.BaseSchema {
  return z.toJSONSchema(reportSchema.meta({ title: 'Report of replypath run, version 1' }));
}

type Frozen<T> = T extends object ? { readonly [K in keyof T]: Frozen<T[K]> } : T;
/** Identity of types: mutual assignability would overlook an optional member that one of them lacks. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
type Agree<S extends z.ZodType, M> = Same<Frozen<z.output<S>>, Frozen<M>>;

/*
 * Fails to compile where format and model differ. Piece by piece: the compiler takes types for the
 * same when they differ only more than about three levels down.
 */
true satisfies Agree<typeof reportSchema, RunReport>;
true satisfies Agree<typeof eventSchema, RunEvent>;
true satisfies Agree<typeof summary, RunSummary>;
true satisfies Agree<typeof scenario, ScenarioResult>;
true satisfies Agree<typeof diagnostic, Diagnostic>;
true satisfies Agree<typeof command, CommandReport>;
true satisfies Agree<typeof flow, FlowResult>;
true satisfies Agree<typeof expectation, Expectation>;
true satisfies Agree<typeof request, DirectionReport>;
true satisfies Agree<typeof reply, ReplyReport>;
true satisfies Agree<typeof hop, Hop>;
