import { z } from 'zod';
import { choice, duration, family, text, when } from './common.js';
import { expectation } from './expectation.js';

/** Payload bytes that a probe needs: ping's time stamp (16) and the token (8). */
const MINIMUM_SIZE = 24;

export const probeSettings = {
  count: z
    .int()
    .min(1)
    .max(10000)
    .optional()
    .meta({ description: 'Requests to send; 1 unless given.', examples: [5] }),
  size: z
    .int()
    .min(MINIMUM_SIZE, `must be at least ${MINIMUM_SIZE}: the token that marks the packets has to fit`)
    .max(65000)
    .optional()
    .meta({
      description: `Payload of each request in bytes; 56 unless given, at least ${MINIMUM_SIZE}.`,
      examples: [1000],
    }),
  timeout: duration.optional().meta({
    description:
      'How long an answer is waited for, as milliseconds or with a unit; 1s unless given, at least 10ms.',
    examples: ['300ms', '2s', 500],
  }),
};

/** What the range that source ports are drawn from holds several times. */
const MAXIMUM_TUPLES = 2000;

const port = z.int().min(1).max(65535);

const PROBE_EXAMPLES = ['ping', 'tcp/22', 'udp/53', { protocol: 'tcp', port: 22, count: 5, size: 1000 }];

const probe = z
  .union([
    z.string().regex(/^(ping|(tcp|udp)\/[0-9]{1,5})$/, 'must be ping, tcp/PORT or udp/PORT'),
    z
      .strictObject({
        protocol: choice({
          ping: 'ICMP or ICMPv6 echo, answered by the kernel',
          tcp: 'a connection with data both ways',
          udp: 'a datagram and its answer',
        }).meta({ description: 'What is sent.', examples: ['tcp'] }),
        port: port.optional().meta({ description: 'The port asked; for tcp and udp.', examples: [22] }),
        stream: z
          .strictObject({
            every: duration.meta({ description: 'How often a request is sent.', examples: ['20ms'] }),
            for: duration.meta({ description: 'For how long.', examples: ['3s'] }),
          })
          .optional()
          .meta({
            description:
              'Instead of count: requests at an interval, whether those before are answered or not; for tcp, rounds of data in one connection.',
            examples: [{ every: '20ms', for: '3s' }],
          }),
        ...probeSettings,
      })
      .meta({ title: 'Probe' }),
  ])
  .meta({
    description: 'What is sent: ping, tcp/PORT, udp/PORT, or a map with more settings.',
    examples: PROBE_EXAMPLES,
  });

const SEED = 4_294_967_295;

const tupleCount = z
  .int()
  .min(2)
  .max(MAXIMUM_TUPLES)
  .meta({ description: 'How many source ports.', examples: [200] });

const tuples = z
  .union([
    tupleCount,
    z
      .strictObject({
        count: tupleCount,
        seed: z
          .int()
          .min(0)
          .max(SEED)
          .optional()
          .meta({ description: 'Draws the source ports; 1 unless given.', examples: [7] }),
      })
      .meta({ title: 'Tuples' }),
  ])
  .meta({
    description:
      'Sends the flow from so many source ports, each a tuple of its own; what is expected holds for each, and `spread` of all.',
    examples: [200, { count: 200, seed: 7 }],
  });

export const flow = z
  .strictObject({
    title: text.optional().meta({ description: 'What the flow shows.', examples: ['ssh from outside'] }),
    from: z.string().meta({ description: 'The node that asks.', examples: ['client'] }),
    to: z.string().meta({
      description: 'What is asked: node:interface (one flow for each of its addresses) or an address.',
      examples: ['server:eth1', '198.51.100.10'],
    }),
    probe,
    expect: expectation,
    at: z
      .string()
      .optional()
      .meta({
        description: 'The node judged; by default the node under test where it takes part.',
        examples: ['server'],
      }),
    answeredBy: z
      .string()
      .optional()
      .meta({
        description: 'The node that answers, where it is not the node of `to` (as with DNAT).',
        examples: ['web'],
      }),
    family: family.optional().meta({ description: 'Only this family.', examples: [4] }),
    bind: z
      .strictObject({
        address: z
          .string()
          .optional()
          .meta({ description: 'Local address: an address, or node:interface.', examples: ['server:eth1'] }),
        device: z
          .string()
          .optional()
          .meta({ description: 'Interface (SO_BINDTODEVICE).', examples: ['eth1'] }),
      })
      .optional()
      .meta({
        description: 'To what the asking program binds.',
        examples: [{ address: 'server:eth1' }, { device: 'eth1' }],
      }),
    sourcePort: port.optional().meta({
      description: 'A fixed source port; one that no other flow of the lab has unless given.',
      examples: [40000],
    }),
    responder: choice({
      wildcard: 'bound to no address; for UDP the kernel chooses the source of the answer by the route back',
      address: 'bound to the address asked',
      pktinfo: 'UDP: bound to no address, answers from the one asked by IP_PKTINFO',
      none: 'nobody listens',
    })
      .optional()
      .meta({
        description: 'How the answering program is bound; wildcard unless given.',
        examples: ['address', 'none'],
      }),
    tuples: tuples.optional(),
    when: when.optional(),
  })
  .meta({
    id: 'Flow',
    description: 'One probe and what is expected of it.',
  });

export type FlowInput = z.infer<typeof flow>;
export type ProbeSettings = z.infer<z.ZodObject<typeof probeSettings>>;
