import { z } from 'zod';
import { SPREAD_KEYS } from '../model/spread.js';
import { CAUSES, CONNECTION_FATES, LOSS_REASONS, type VerdictName } from '../model/verdict.js';
import { choice, endpoint, keyed, when } from './common.js';

const passage = {
  in: z
    .string()
    .optional()
    .meta({ description: 'Interface of the judged node by which it enters.', examples: ['eth1'] }),
  out: z
    .string()
    .optional()
    .meta({ description: 'Interface of the judged node by which it leaves.', examples: ['eth1'] }),
  nexthop: endpoint
    .nullable()
    .optional()
    .meta({
      description: 'The endpoint where it is sighted next; null where it stays unresolved.',
      examples: ['isp2:lan', null],
    }),
  vlan: z
    .int()
    .min(1)
    .max(4094)
    .nullable()
    .optional()
    .meta({
      description:
        'The VLAN tag of its frame on the wire of the judged node: where it enters, else where it leaves; null for none.',
      examples: [10, null],
    }),
  passes: z
    .array(endpoint)
    .min(1)
    .optional()
    .meta({
      description: 'Endpoints that its path has, in this order; in tunnels, too.',
      examples: [['isp2:wan', 'isp2:lan']],
    }),
};

/** In short; docs/verdicts.md has the whole meaning. */
const VERDICT_MEANINGS: Readonly<Record<VerdictName, string>> = {
  inconclusive: 'the captures do not prove what became of it; never passes',
  'send-failed': 'the local system refused to send',
  refused: 'a TCP reset or an ICMP error about the request came back',
  'request-lost': 'the request did not arrive at the answering node',
  'no-reply': 'the request arrived, and nothing was sent in answer',
  'reply-lost': 'the answering node sent a reply, and it did not arrive',
  'wrong-source': 'a reply came back from an address that was not asked',
  asymmetric: 'the reply came back, but left the judged node by another interface than the request came in',
  symmetric: 'the reply came back, and left the judged node by the interface by which the request came in',
  mixed: 'the packets of the flow do not agree',
};

export const verdict = choice(VERDICT_MEANINGS);

const streamPassage = z.strictObject({
  in: z
    .string()
    .optional()
    .meta({ description: 'Interface by which it enters.', examples: ['eth1'] }),
  out: z
    .string()
    .optional()
    .meta({ description: 'Interface by which it leaves.', examples: ['eth1'] }),
  nexthop: endpoint
    .optional()
    .meta({ description: 'The endpoint where it is sighted next.', examples: ['isp2:lan'] }),
});

const expectedStream = z
  .strictObject({
    lost: z
      .union([
        z.int().min(0),
        z.string().regex(/^[<>]= *[0-9]+$/, "must be a number, or as in '<= 40' or '>= 10'"),
      ])
      .optional()
      .meta({ description: 'How many requests get no answer in time.', examples: [0, '<= 40', '>= 10'] }),
    blackout: z
      .union([
        z.int().min(0),
        z
          .string()
          .regex(
            /^([<>]= *)?[0-9]+(\.[0-9]+)?(ms|s)$/,
            "must be a duration such as 300ms or 2s, or as in '<= 800ms' or '>= 1s'",
          ),
      ])
      .optional()
      .meta({
        description: 'How long the longest run of requests without an answer lasts; 0 where there is none.',
        examples: [0, '<= 800ms', '>= 1s'],
      }),
    ways: z
      .array(
        z.strictObject({
          verdict: verdict.optional().meta({ description: 'What is judged of it.', examples: ['symmetric'] }),
          request: streamPassage
            .optional()
            .meta({ description: 'The way of the requests at the judged node.', examples: [{ in: 'eth1' }] }),
          reply: streamPassage
            .optional()
            .meta({ description: 'The way of the replies at the judged node.', examples: [{ out: 'eth0' }] }),
        }),
      )
      .optional()
      .meta({
        description: 'The ways that answered requests and their replies take, in order, all of them.',
        examples: [[{ reply: { out: 'eth0' } }, { reply: { out: 'eth1' } }]],
      }),
    connection: choice(CONNECTION_FATES)
      .optional()
      .meta({ description: 'What becomes of the connection; for tcp.', examples: ['kept', 'reset'] }),
  })
  .meta({ id: 'ExpectedStream' });

const expectationKeys = {
  verdict: verdict.meta({ description: 'What is judged of the flow.', examples: ['symmetric'] }),
  request: z
    .strictObject(passage)
    .optional()
    .meta({
      description: 'The way of the request at the judged node.',
      examples: [{ in: 'eth1' }, { out: 'eth1', nexthop: 'isp2:lan' }],
    }),
  reply: z
    .strictObject({
      ...passage,
      source: z
        .string()
        .optional()
        .meta({
          description: 'Source address of the reply: an address, or node:interface.',
          examples: ['server:eth1', '198.51.100.10'],
        }),
    })
    .optional()
    .meta({
      description: 'The way of the reply at the judged node.',
      examples: [{ out: 'eth0', nexthop: 'isp1:lan' }],
    }),
  sameNexthop: z
    .boolean()
    .optional()
    .meta({
      description:
        "true: the reply's next hop is not known to be another one than the request's previous hop; false: it is known to be another one.",
      examples: [true],
    }),
  by: z
    .string()
    .optional()
    .meta({
      description: 'The node whose TCP reset or ICMP error came back.',
      examples: ['isp1'],
    }),
  errno: z
    .string()
    .regex(/^E[A-Z0-9]+$/, 'must be the name of an error, for example ENETUNREACH')
    .optional()
    .meta({
      description: 'Why the local system refused to send: the name of an error.',
      examples: ['ENETUNREACH', 'EHOSTUNREACH', 'EACCES'],
    }),
  lost: z
    .strictObject({
      node: z
        .string()
        .optional()
        .meta({ description: 'The node where it was sighted last.', examples: ['isp1'] }),
      interface: z
        .string()
        .optional()
        .meta({ description: 'The interface of that node.', examples: ['lan'] }),
      direction: choice({ in: 'as it entered the node', out: 'as it left the node' })
        .optional()
        .meta({ description: 'Which way it was going there.', examples: ['in'] }),
      reason: choice(LOSS_REASONS)
        .optional()
        .meta({ description: 'Why it went no further.', examples: ['not-forwarded'] }),
    })
    .optional()
    .meta({
      description: 'Where and why the packet went no further.',
      examples: [{ node: 'isp1', interface: 'lan', direction: 'in' }],
    }),
  cause: choice(CAUSES)
    .optional()
    .meta({ description: 'Code of the cause.', examples: ['neighbour-unresolved'] }),
  stream: expectedStream.optional().meta({
    description: 'What is expected of a stream of requests beyond its verdict.',
    examples: [{ lost: '<= 40', blackout: '<= 800ms', connection: 'kept' }],
  }),
  spread: z
    .strictObject({
      by: choice(SPREAD_KEYS).meta({ description: 'By what tuples are counted.', examples: ['request.out'] }),
      share: z
        .union([
          z.literal('one').describe('all tuples by one of the values, whichever it is'),
          z.record(keyed('value'), z.number().min(0)),
        ])
        .meta({
          description:
            'The weight of each value; the count of each has to lie within the bounds of its share. 0, or no mention, demands none. one: all by one, whichever.',
          examples: ['one', { eth0: 1, eth1: 3 }],
        }),
      confidence: z
        .number()
        .min(0.5)
        .max(0.999999999999)
        .optional()
        .meta({
          description:
            'The probability with which a count lies within its bounds where the shares are as expected; 0.999999 unless given.',
          examples: [0.999999],
        }),
      strayed: z
        .int()
        .min(0)
        .optional()
        .meta({
          description: 'So many tuples at most whose own packets go different ways; 0 unless given.',
          examples: [0],
        }),
    })
    .optional()
    .meta({
      description: 'How the tuples of the flow are spread.',
      examples: [{ by: 'request.out', share: { eth0: 1, eth1: 3 } }],
    }),
  intended: z
    .boolean()
    .optional()
    .meta({
      description: 'Documents a deliberate asymmetry; it is shown and never changes what passes.',
      examples: [true],
    }),
};

const EXPECTATION = 'A verdict and whatever else is to be compared.';
const CONDITIONAL = 'An expectation for some variants.';

export const expectation = z
  .union([
    verdict,
    z.strictObject(expectationKeys).meta({ title: 'Expectation', description: EXPECTATION }),
    z.array(
      z.union([
        verdict,
        z
          .strictObject({ when: when.optional(), ...expectationKeys })
          .meta({ title: 'Expectation', description: CONDITIONAL }),
      ]),
    ),
  ])
  .meta({
    description:
      'What should come of it: a verdict, a map of what is compared, or a list of these of which the first that applies counts. symmetric alone also requires the same next hop, where it is known.',
    examples: [
      'symmetric',
      { verdict: 'asymmetric', request: { in: 'eth1' }, reply: { out: 'eth0' } },
      [{ when: { isp: 'bcp38' }, verdict: 'reply-lost' }, 'asymmetric'],
    ],
  });

export type ExpectationInput = z.infer<typeof expectation>;
