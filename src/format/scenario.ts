import { z } from 'zod';
import { FEATURES } from '../model/feature.js';
import { CAUSES, LOSS_REASONS, VERDICTS } from '../model/verdict.js';
import { duration, endpoint, family, name, text, when } from './common.js';
import { policyKeys } from './policy.js';
import { topologyFile } from './topology.js';

/** Payload bytes that a probe needs: ping's time stamp (16) and the token (8). */
const MINIMUM_SIZE = 24;

const probeSettings = {
  count: z.int().min(1).max(10000).optional().describe('Requests to send; 1 unless given.'),
  size: z
    .int()
    .min(MINIMUM_SIZE, `must be at least ${MINIMUM_SIZE}: the token that marks the packets has to fit`)
    .max(65000)
    .optional()
    .describe(`Payload of each request in bytes; 56 unless given, at least ${MINIMUM_SIZE}.`),
  timeout: duration.optional().describe('How long an answer is waited for; 1s unless given, at least 10ms.'),
};

const port = z.int().min(1).max(65535);

const probe = z.union([
  z
    .string()
    .regex(/^(ping|(tcp|udp)\/[0-9]{1,5})$/, 'must be ping, tcp/PORT or udp/PORT')
    .describe('ping, tcp/PORT or udp/PORT.'),
  z.strictObject({
    protocol: z.enum(['ping', 'tcp', 'udp']).describe('ping is an ICMP or ICMPv6 echo.'),
    port: port.optional().describe('The port asked; for tcp and udp.'),
    ...probeSettings,
  }),
]);

const passage = {
  in: z.string().optional().describe('Interface of the judged node by which it enters.'),
  out: z.string().optional().describe('Interface of the judged node by which it leaves.'),
  nexthop: endpoint
    .nullable()
    .optional()
    .describe('Where it is sighted next; null where it stays unresolved.'),
};

const expectationKeys = {
  verdict: z.enum(VERDICTS).describe('The verdict; docs/verdicts.md has their meaning.'),
  request: z.strictObject(passage).optional().describe('The way of the request.'),
  reply: z
    .strictObject({
      ...passage,
      source: z.string().optional().describe('Source address of the reply: an address, or node:interface.'),
    })
    .optional()
    .describe('The way of the reply.'),
  sameNexthop: z.boolean().optional().describe("Whether the reply's next hop is the request's previous hop."),
  by: z.string().optional().describe('The node whose TCP reset or ICMP error came back.'),
  errno: z
    .string()
    .regex(/^E[A-Z0-9]+$/, 'must be the name of an error, for example ENETUNREACH')
    .optional()
    .describe('Why the local system refused to send.'),
  lost: z
    .strictObject({
      node: z.string().optional(),
      interface: z.string().optional(),
      direction: z.enum(['in', 'out']).optional(),
      reason: z.enum(keysOf(LOSS_REASONS)).optional(),
    })
    .optional()
    .describe('Where and why the packet went no further.'),
  cause: z.enum(keysOf(CAUSES)).optional().describe('Code of the cause.'),
  intended: z.boolean().optional().describe('Documents a deliberate asymmetry; never changes what passes.'),
};

const verdict = z
  .enum(VERDICTS)
  .describe('A verdict alone; symmetric also requires the same next hop, where it is known.');

const expectation = z.union([
  verdict,
  z.strictObject(expectationKeys),
  z.array(z.union([verdict, z.strictObject({ when: when.optional(), ...expectationKeys })])),
]);

const flow = z
  .strictObject({
    title: text.optional(),
    from: z.string().describe('The node that asks.'),
    to: z
      .string()
      .describe('What is asked: node:interface (one flow for each of its addresses) or an address.'),
    probe,
    expect: expectation.describe(
      'What should come of it: a verdict, an object, or a list of which the first that applies counts.',
    ),
    at: z
      .string()
      .optional()
      .describe('The node judged; by default the node under test where it takes part.'),
    answeredBy: z
      .string()
      .optional()
      .describe('The node that answers, where it is not the node of `to` (as with DNAT).'),
    family: family.optional().describe('Only this family.'),
    bind: z
      .strictObject({
        address: z.string().optional().describe('Local address: an address, or node:interface.'),
        device: z.string().optional().describe('Interface (SO_BINDTODEVICE).'),
      })
      .optional()
      .describe('To what the asking program binds.'),
    sourcePort: port.optional().describe('A fixed source port; a fresh one unless given.'),
    responder: z
      .enum(['wildcard', 'address', 'pktinfo', 'none'])
      .optional()
      .describe(
        'How the answering program is bound: to the wildcard, to the address asked, or (UDP) answering by IP_PKTINFO; `none`: nobody listens.',
      ),
    when: when.optional(),
  })
  .describe('One probe and what is expected of it.');

const failure = z
  .strictObject({
    line: z.int().min(1).describe('Line of the recipe.'),
    exit: z.int().min(1).max(255).optional().describe('Exit status; any but 0 unless given.'),
    message: text.optional().describe('A part of the message, or a regular expression between slashes.'),
    when: when.optional(),
  })
  .describe('A failure that will happen.');

const apply = z
  .strictObject({
    node: z.string().describe('The node that is configured.'),
    ...policyKeys,
    expect: z.array(failure).optional().describe('Commands that will fail.'),
    timeout: duration.optional().describe('The longest that one item may take; 30s unless given.'),
    when: when.optional(),
  })
  .describe('Applies a policy to a node.');

const event = z
  .strictObject({
    down: endpoint.optional().describe('Take this interface down.'),
    up: endpoint.optional().describe('Bring this interface up.'),
    shell: z
      .strictObject({
        node: z.string(),
        script: text,
        timeout: duration.optional().describe('30s unless given.'),
      })
      .optional()
      .describe('Run a script on a node.'),
    when: when.optional(),
  })
  .describe('Something that happens: exactly one of down, up or shell.');

const step = z
  .strictObject({
    title: text.optional().describe('What the step shows.'),
    fresh: z
      .boolean()
      .optional()
      .describe('Start from a new lab instead of the state that the step before left.'),
    when: when.optional(),
    apply: z.union([apply, z.array(apply)]).optional(),
    event: z.union([event, z.array(event)]).optional(),
    flows: z.array(flow).optional(),
  })
  .describe('Apply, then events, then flows.');

const findingStatus = z.enum(['confirmed', 'refined', 'refuted', 'unresolved']);

export const scenarioFile = z
  .strictObject({
    title: text.describe('What the scenario shows.'),
    source: z
      .strictObject({
        document: text.describe('Short name of the document.'),
        comment: z.int().min(1).optional().describe("Number of the reader's comment."),
      })
      .optional()
      .describe('Where the setup comes from.'),
    claim: text.optional().describe('What the source says.'),
    finding: z
      .union([findingStatus, z.strictObject({ status: findingStatus, text: text.optional() })])
      .optional()
      .describe('What the kernel does about the claim.'),
    tags: z.array(text).optional().describe('Words to select scenarios by.'),
    requires: z
      .array(z.enum(keysOf(FEATURES)))
      .optional()
      .describe(
        'Features, by the names that `replypath doctor` has for them: where the machine lacks one, the scenario is skipped.',
      ),
    family: family.optional().describe('Only flows of this family; normally a matrix key instead.'),
    topology: z
      .union([z.string(), topologyFile])
      .describe(
        'Name of a file in lab/topologies, a path from this file that begins with ./ or ../, or a topology.',
      ),
    defaults: z
      .strictObject(probeSettings)
      .optional()
      .describe('Settings of probes that do not say otherwise.'),
    matrix: z
      .record(name, z.array(z.union([z.string(), z.number()])).min(1))
      .optional()
      .describe('Values by key; the scenario runs once for each combination.'),
    steps: z.array(step).min(1).describe('In the same lab, in order.'),
  })
  .describe('A scenario: a network, what is done to it, and what its flows should do.');

function keysOf<Key extends string>(object: Readonly<Record<Key, unknown>>): Key[] {
  return Object.keys(object) as Key[];
}

export type ScenarioInput = z.infer<typeof scenarioFile>;
export type StepInput = z.infer<typeof step>;
export type FlowInput = z.infer<typeof flow>;
export type ApplyInput = z.infer<typeof apply>;
export type EventInput = z.infer<typeof event>;
export type ExpectationInput = z.infer<typeof expectation>;
export type ProbeSettings = NonNullable<ScenarioInput['defaults']>;
