import * as z from 'zod';
import { CAUSES, LOSS_REASONS } from '../model/verdict.js';
import { choice } from './common.js';
import { verdict } from './expectation.js';
import { direction, expectation } from './report-expectation.js';
import { explanation, suggestion } from './report-explanation.js';
import { stream } from './report-stream.js';

/* What a report says about one flow. */

const family = z
  .union([z.literal(4).describe('IPv4'), z.literal(6).describe('IPv6')])
  .meta({ description: 'Family of the addresses asked.', examples: [4] });
const name = z.string().nullable();
const count = z.number();

export const hop = z
  .strictObject({
    node: z.string().meta({ description: 'Where it was sighted.', examples: ['isp1'] }),
    interface: z.string().meta({ description: 'The interface, of layer 3.', examples: ['lan'] }),
    direction: direction.meta({ description: 'Which way it was going there.', examples: ['in'] }),
    tunnel: z
      .string()
      .exactOptional()
      .meta({
        description:
          "Only of an outer packet: the device by which the flow's own packet went into the tunnel that this one is of.",
        examples: ['wg0'],
      }),
    address: z.string().meta({
      description: "The packet's source address as sighted here.",
      examples: ['198.51.100.10'],
    }),
  })
  .meta({ id: 'Hop', description: 'One sighting of one packet.' });

const way = {
  in: name.meta({ description: 'Interface by which it entered the judged node.', examples: ['eth1', null] }),
  out: name.meta({ description: 'Interface by which it left the judged node.', examples: ['eth0', null] }),
  nexthop: name.meta({
    description: 'node:interface where it was sighted next after the judged node.',
    examples: ['isp1:lan', null],
  }),
  unresolved: name.meta({
    description: 'The address that the judged node asked for in vain.',
    examples: ['192.0.2.1', null],
  }),
  previousHop: name.meta({
    description: 'node:interface where it was sighted last before the judged node.',
    examples: ['isp2:lan', null],
  }),
  mac: name.meta({
    description: 'Layer-2 address of the next hop where there is one, else of the previous one.',
    examples: ['02:00:00:00:00:01', null],
  }),
  vlan: z
    .int()
    .nullable()
    .meta({
      description:
        "VLAN tag of its frame on the judged node's wire: where it entered, else where it left; null for none.",
      examples: [10, null],
    }),
  path: z.array(hop).meta({
    description: 'Sightings in order of time.',
    examples: [[{ node: 'client', interface: 'eth0', direction: 'out', address: '203.0.113.9' }]],
  }),
};

const WAY_EXAMPLE = {
  in: 'eth1',
  out: null,
  nexthop: null,
  unresolved: null,
  previousHop: 'isp2:lan',
  mac: '02:00:00:00:00:01',
  vlan: null,
  path: [],
};
const REPLY_EXAMPLE = {
  ...WAY_EXAMPLE,
  in: null,
  out: 'eth0',
  nexthop: 'isp1:lan',
  previousHop: null,
  source: '198.51.100.10',
  asAsked: true,
};

export const request = z
  .strictObject(way)
  .meta({ id: 'Request', description: 'The way of one request through the lab.' });

export const reply = z
  .strictObject({
    ...way,
    source: name.meta({
      description: 'Source address of the reply as it reached the sender, or where sighted last.',
      examples: ['198.51.100.10', null],
    }),
    asAsked: z
      .boolean()
      .nullable()
      .meta({
        description: 'Whether that is the address asked; null without a reply.',
        examples: [true, null],
      }),
  })
  .meta({ id: 'Reply', description: 'The way of one reply through the lab.' });

const tuple = z
  .strictObject({
    source: z.string().meta({ description: 'Source address.', examples: ['203.0.113.9'] }),
    destination: z.string().meta({ description: 'Destination address.', examples: ['198.51.100.10'] }),
    sourcePort: z
      .number()
      .nullable()
      .meta({ description: 'Source port; null where the protocol has none.', examples: [20000, null] }),
    destinationPort: z
      .number()
      .nullable()
      .meta({ description: 'Destination port; null where the protocol has none.', examples: [80, null] }),
  })
  .meta({ id: 'ConnectionTuple', description: 'One direction of a tracked connection.' });

const TUPLE = {
  source: '203.0.113.9',
  destination: '198.51.100.10',
  sourcePort: 20000,
  destinationPort: 80,
};

const connection = z
  .strictObject({
    node: z.string().meta({ description: 'Who tracks it.', examples: ['router'] }),
    protocol: z.string().meta({ description: 'tcp, udp, icmp or icmpv6.', examples: ['tcp'] }),
    state: z.string().meta({
      description: 'Of TCP its state; of others UNREPLIED, ASSURED, or REPLIED where it is neither.',
      examples: ['TIME_WAIT', 'UNREPLIED'],
    }),
    mark: z
      .number()
      .nullable()
      .meta({ description: 'The mark of the connection; null where the kernel has none.', examples: [1] }),
    id: z
      .number()
      .nullable()
      .meta({ description: 'Identifier of an echo; null for what is none.', examples: [null, 7] }),
    original: tuple.meta({ description: 'What its first packet had when it came.', examples: [TUPLE] }),
    reply: tuple.meta({
      description: 'What packets in the other direction have when they come.',
      examples: [TUPLE],
    }),
  })
  .meta({ id: 'Connection', description: "An entry of a node's connection tracking." });

const spreadWay = z.strictObject({
  in: name.meta({ description: 'Interface by which it entered the judged node.', examples: ['eth1', null] }),
  out: name.meta({ description: 'Interface by which it left the judged node.', examples: ['eth0', null] }),
  nexthop: name.meta({
    description: 'node:interface where it was sighted next.',
    examples: ['isp1:lan', null],
  }),
});

const spread = z
  .strictObject({
    seed: z.number().meta({ description: 'Drew the source ports; draws them again.', examples: [7] }),
    tuples: count.meta({ description: 'How many source ports.', examples: [200] }),
    by: z
      .array(
        z
          .strictObject({
            request: spreadWay.meta({
              description: 'The way of their requests.',
              examples: [{ in: null, out: 'eth1', nexthop: 'isp2:lan' }],
            }),
            reply: spreadWay.meta({
              description: 'The way of their replies.',
              examples: [{ in: 'eth1', out: null, nexthop: null }],
            }),
            verdict: verdict.meta({ description: 'What was judged of them.', examples: ['symmetric'] }),
            tuples: count.meta({ description: 'How many they are.', examples: [148] }),
          })
          .describe('Tuples that went the same way and came to the same verdict.'),
      )
      .meta({ description: 'All tuples, the largest part first.', examples: [[]] }),
    shares: z
      .array(
        z
          .strictObject({
            value: z.string().meta({ description: 'What was counted.', examples: ['eth1'] }),
            tuples: count.meta({ description: 'How many there were.', examples: [148] }),
            expected: z.number().meta({ description: 'The mean to be expected.', examples: [150] }),
            least: count.meta({ description: 'The lower bound, itself within.', examples: [119] }),
            most: count.meta({ description: 'The upper bound, itself within.', examples: [177] }),
          })
          .describe('One share as expected and as counted.'),
      )
      .meta({ description: 'The shares that the scenario expects; else empty.', examples: [[]] }),
    strayed: count.meta({
      description: 'Tuples of which packets in the same direction went different ways.',
      examples: [0],
    }),
  })
  .meta({ id: 'Spread', description: 'How the tuples of one flow were spread over ways and verdicts.' });

export const flow = z
  .strictObject({
    from: z.string().meta({ description: 'The node that asks.', examples: ['client'] }),
    to: z
      .string()
      .meta({ description: 'What is asked, as the scenario writes it.', examples: ['server:eth1'] }),
    at: z.string().meta({ description: 'The node judged.', examples: ['server'] }),
    role: choice({
      responder: 'it answers',
      forwarder: 'it is between',
      initiator: 'it asks',
    }).meta({ description: 'The part that the judged node has in the flow.', examples: ['responder'] }),
    probe: z.string().meta({ description: 'What was sent.', examples: ['ping', 'tcp/22'] }),
    family,
    line: z.number().meta({
      description: 'Line of the scenario file at which the flow stands, from 1.',
      examples: [6],
    }),
    status: choice({ passed: 'as expected', failed: 'not as expected, or inconclusive' }).meta({
      description: 'Whether the flow is as expected.',
      examples: ['passed'],
    }),
    expected: expectation.meta({
      description: 'The expectation, written out.',
      examples: [{ verdict: 'symmetric', sameNexthop: true, intended: false }],
    }),
    verdict: verdict.meta({ description: 'What was judged.', examples: ['asymmetric'] }),
    intended: z
      .boolean()
      .meta({ description: 'Whether the scenario declares an asymmetry as deliberate.', examples: [false] }),
    sameNexthop: z
      .boolean()
      .nullable()
      .meta({
        description:
          "Whether the reply's next hop is the request's previous hop; null where either is unknown.",
        examples: [false, null],
      }),
    by: name.meta({ description: 'The node that refused.', examples: ['isp1', null] }),
    refusal: z
      .strictObject({
        kind: choice({ 'tcp-reset': 'a TCP reset', icmp: 'an ICMP error', icmp6: 'an ICMPv6 error' }).meta({
          description: 'What came back.',
          examples: ['icmp'],
        }),
        type: z
          .number()
          .nullable()
          .meta({ description: 'ICMP type.', examples: [3, null] }),
        code: z
          .number()
          .nullable()
          .meta({ description: 'ICMP code.', examples: [1, null] }),
      })
      .nullable()
      .meta({
        description: 'How it was refused; null where it was not.',
        examples: [{ kind: 'icmp', type: 3, code: 1 }, null],
      }),
    errno: name.meta({
      description: 'The error with which the local system refused to send.',
      examples: ['ENETUNREACH', null],
    }),
    packets: z
      .array(
        z
          .strictObject({
            sequence: count.meta({ description: 'The request, from 1.', examples: [1] }),
            verdict: verdict.meta({ description: 'What was judged of it.', examples: ['symmetric'] }),
            request: request.meta({ description: 'Its way.', examples: [WAY_EXAMPLE] }),
            reply: reply.meta({ description: "Its reply's way.", examples: [REPLY_EXAMPLE] }),
          })
          .describe('One request and its reply.'),
      )
      .meta({
        description: "Each packet's verdict where they do not agree, else empty; empty for a stream.",
        examples: [[]],
      }),
    sent: count.meta({ description: 'Requests sent.', examples: [1] }),
    received: count.meta({ description: 'Replies that reached the sender.', examples: [1] }),
    duplicates: count.meta({ description: 'Packets sighted more often than sent.', examples: [0] }),
    stream: stream
      .nullable()
      .exactOptional()
      .meta({
        description: 'What was measured of a stream of requests; null of other flows.',
        examples: [null],
      }),
    spread: spread
      .nullable()
      .exactOptional()
      .meta({
        description:
          'How the tuples of a flow that has many were spread, null for other flows. Verdict and counts are then of all tuples, and the rest is of the first that differs from the expectation, else of the first that is not symmetric, else of the first. Reports of earlier versions lack it.',
        examples: [null],
      }),
    connections: z
      .array(connection)
      .exactOptional()
      .meta({
        description:
          'What the nodes on its way tracked of it when the flows of its step had ended. Reports of earlier versions lack it.',
        examples: [[]],
      }),
    request: request.meta({ description: 'The way of the request.', examples: [WAY_EXAMPLE] }),
    reply: reply.meta({ description: 'The way of the reply.', examples: [REPLY_EXAMPLE] }),
    lost: z
      .strictObject({
        node: z.string().meta({ description: 'Where it was sighted last.', examples: ['isp1'] }),
        interface: name.meta({ description: 'The interface of that node.', examples: ['lan', null] }),
        direction: direction.meta({ description: 'Which way it was going there.', examples: ['in'] }),
        reason: choice(LOSS_REASONS).meta({
          description: 'Why it went no further, as far as the captures tell.',
          examples: ['not-forwarded'],
        }),
      })
      .nullable()
      .meta({
        description: 'Where a packet of the flow was lost; null where none was.',
        examples: [{ node: 'isp1', interface: 'lan', direction: 'in', reason: 'not-forwarded' }, null],
      }),
    cause: z
      .strictObject({
        code: choice(CAUSES).meta({
          description: 'Which cause it is.',
          examples: ['neighbour-unresolved'],
        }),
        text: z.string().meta({
          description: 'The same for people.',
          examples: ['server asked for 192.0.2.1 on eth0 and nobody answered'],
        }),
        evidence: z
          .array(z.string())
          .meta({ description: 'What it rests on.', examples: [['3 ARP requests, no reply']] }),
      })
      .nullable()
      .meta({
        description: 'Why the verdict is not a better one, as far as known.',
        examples: [null],
      }),
    suggestion: suggestion
      .nullable()
      .exactOptional()
      .meta({
        description:
          'What would change the verdict, tried; null where nothing that was tried does. Only of flows that were diagnosed.',
        examples: [null],
      }),
    explanation: explanation.exactOptional().meta({
      description: 'What was decided at each node. Only of flows that were to be explained.',
      examples: [
        { passages: [], nodes: [], lookUps: [], marks: [], repeat: null, disagreements: [], missing: [] },
      ],
    }),
    differences: z.array(z.string()).meta({
      description: 'What differs from the expectation; empty when passed.',
      examples: [['verdict is asymmetric, expected symmetric']],
    }),
  })
  .meta({ id: 'Flow', description: 'One flow, judged.' });
