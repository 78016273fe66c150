import * as z from 'zod';
import { SPREAD_KEYS } from '../model/spread.js';
import { choice } from './common.js';
import { verdict } from './expectation.js';
import { expectedStream } from './report-stream.js';

/* What a report says that a scenario expects of a flow. */

const name = z.string().nullable();
const count = z.number();
export const direction = choice({ in: 'as it entered the node', out: 'as it left the node' });

const expectedDirection = {
  in: z
    .string()
    .exactOptional()
    .meta({ description: 'Interface of arrival.', examples: ['eth1'] }),
  out: z
    .string()
    .exactOptional()
    .meta({ description: 'Interface of departure.', examples: ['eth0'] }),
  vlan: z
    .int()
    .nullable()
    .exactOptional()
    .meta({ description: "VLAN tag on the judged node's wire; null: none.", examples: [10, null] }),
  passes: z
    .array(z.string())
    .exactOptional()
    .meta({ description: 'Hops expected on its path, in this order.', examples: [['isp2:wan']] }),
  nexthop: name.exactOptional().meta({
    description: 'node:interface of the next hop; null: expected to stay unresolved.',
    examples: ['isp1:lan', null],
  }),
};

export const expectation = z
  .strictObject({
    verdict: verdict.meta({ description: 'The verdict expected.', examples: ['symmetric'] }),
    request: z
      .strictObject(expectedDirection)
      .exactOptional()
      .meta({ description: 'The way expected of the request.', examples: [{ in: 'eth1' }] }),
    reply: z
      .strictObject({
        ...expectedDirection,
        source: z
          .string()
          .exactOptional()
          .meta({ description: 'Source address expected.', examples: ['198.51.100.10'] }),
      })
      .exactOptional()
      .meta({ description: 'The way expected of the reply.', examples: [{ out: 'eth0' }] }),
    sameNexthop: z
      .boolean()
      .exactOptional()
      .meta({
        description: 'Whether the reply is expected by the next hop that the request came from.',
        examples: [true],
      }),
    by: z
      .string()
      .exactOptional()
      .meta({ description: 'The node expected to refuse.', examples: ['isp1'] }),
    errno: z
      .string()
      .exactOptional()
      .meta({ description: 'The error expected of sending.', examples: ['ENETUNREACH'] }),
    lost: z
      .strictObject({
        node: z
          .string()
          .exactOptional()
          .meta({ description: 'Where it is lost.', examples: ['isp1'] }),
        interface: z
          .string()
          .exactOptional()
          .meta({ description: 'The interface of that node.', examples: ['lan'] }),
        direction: direction
          .exactOptional()
          .meta({ description: 'Which way it is going there.', examples: ['in'] }),
        reason: z
          .string()
          .exactOptional()
          .meta({ description: 'Why it goes no further.', examples: ['not-forwarded'] }),
      })
      .exactOptional()
      .meta({ description: 'Where and why it is expected to be lost.', examples: [{ node: 'isp1' }] }),
    cause: z
      .string()
      .exactOptional()
      .meta({ description: 'The cause expected.', examples: ['neighbour-unresolved'] }),
    stream: expectedStream.exactOptional().meta({
      description: 'What is expected of a stream.',
      examples: [{ lost: { most: 40 }, connection: 'kept' }],
    }),
    spread: z
      .strictObject({
        by: choice(SPREAD_KEYS).meta({
          description: 'By what tuples are counted.',
          examples: ['request.out'],
        }),
        share: z
          .union([
            z.literal('one').describe('all tuples by one of the values'),
            z.record(z.string(), z.number()),
          ])
          .meta({ description: 'The weight of each value.', examples: [{ eth0: 1, eth1: 3 }, 'one'] }),
        confidence: z.number().meta({
          description: 'The probability with which a count lies within its bounds.',
          examples: [0.999999],
        }),
        strayed: count.meta({ description: 'So many tuples may stray at most.', examples: [0] }),
      })
      .exactOptional()
      .meta({
        description: 'How the tuples are expected to be spread.',
        examples: [{ by: 'request.out', share: { eth0: 1, eth1: 3 }, confidence: 0.999999, strayed: 0 }],
      }),
    intended: z
      .boolean()
      .meta({ description: 'Whether an asymmetry is declared as deliberate.', examples: [false] }),
  })
  .meta({
    id: 'Expectation',
    description: 'What the scenario expects of the flow; what it leaves out is not compared.',
  });
