import * as z from 'zod';
import { CONNECTION_FATES } from '../model/verdict.js';
import { choice } from './common.js';
import { verdict } from './expectation.js';

/* What a report says about a stream of requests. */

const count = z.number();
const name = z.string().nullable();
const milliseconds = (description: string, ...examples: number[]) =>
  z.number().meta({ description, examples });
const fate = choice(CONNECTION_FATES);

const passage = (description: string) =>
  z
    .strictObject({
      in: name.meta({
        description: 'Interface by which they entered the judged node.',
        examples: ['eth1', null],
      }),
      out: name.meta({
        description: 'Interface by which they left the judged node.',
        examples: ['eth0', null],
      }),
      nexthop: name.meta({
        description: 'node:interface where they were sighted next.',
        examples: ['isp1:lan', null],
      }),
    })
    .meta({ description, examples: [{ in: null, out: 'eth0', nexthop: 'isp1:lan' }] });

const way = z
  .strictObject({
    beginMs: milliseconds('When the first of them was sent.', 0),
    endMs: milliseconds('When the last of them was answered.', 512.3),
    packets: count.meta({ description: 'How many went this way.', examples: [26] }),
    crossing: count.meta({
      description: 'Of these, those that were on their way when it changed.',
      examples: [0],
    }),
    verdict: verdict.meta({ description: 'What was judged of each.', examples: ['symmetric'] }),
    request: passage('The way of the requests.'),
    reply: passage('The way of the replies.'),
  })
  .meta({ id: 'StreamWay', description: 'Answered requests, one after the other, that went the same way.' });

const blackout = z
  .strictObject({
    beginMs: milliseconds('When the first request without an answer was sent.', 520.1),
    durationMs: milliseconds('Until the first answered one was sent, or to the end.', 340.2),
    lost: count.meta({ description: 'Requests that got no answer.', examples: [17] }),
    recovered: z.boolean().meta({ description: 'False where it lasted to the end.', examples: [true] }),
  })
  .meta({ id: 'Blackout', description: 'A run of requests without an answer.' });

export const stream = z
  .strictObject({
    intervalMs: milliseconds('Between requests.', 20),
    sent: count.meta({ description: 'Requests that were due.', examples: [150] }),
    received: count.meta({ description: 'Those answered in time.', examples: [133] }),
    lost: count.meta({ description: 'Those that were not.', examples: [17] }),
    longestBlackoutMs: milliseconds('Of the longest blackout; 0 without one.', 340.2),
    blackouts: z.array(blackout).meta({ description: 'In order.', examples: [[]] }),
    ways: z.array(way).meta({ description: 'In order.', examples: [[]] }),
    connection: fate.nullable().meta({
      description: 'What became of the connection; null where it is not TCP.',
      examples: ['kept', null],
    }),
  })
  .meta({
    id: 'Stream',
    description: 'What was measured of a stream. Times are in milliseconds since the flows began.',
  });

const bounds = z.strictObject({
  least: count.exactOptional().meta({ description: 'At least.', examples: [10] }),
  most: count.exactOptional().meta({ description: 'At most.', examples: [40] }),
});

const expectedPassage = z.strictObject({
  in: z
    .string()
    .exactOptional()
    .meta({ description: 'Interface of arrival.', examples: ['eth1'] }),
  out: z
    .string()
    .exactOptional()
    .meta({ description: 'Interface of departure.', examples: ['eth0'] }),
  nexthop: z
    .string()
    .exactOptional()
    .meta({ description: 'The next hop.', examples: ['isp1:lan'] }),
});

export const expectedStream = z
  .strictObject({
    lost: bounds
      .exactOptional()
      .meta({ description: 'Requests without an answer.', examples: [{ most: 40 }] }),
    blackout: bounds
      .exactOptional()
      .meta({ description: 'The longest blackout in milliseconds.', examples: [{ most: 800 }] }),
    ways: z
      .array(
        z
          .strictObject({
            verdict: verdict.exactOptional().meta({ description: 'Its verdict.', examples: ['symmetric'] }),
            request: expectedPassage
              .exactOptional()
              .meta({ description: 'The way of the requests.', examples: [{ in: 'eth1' }] }),
            reply: expectedPassage
              .exactOptional()
              .meta({ description: 'The way of the replies.', examples: [{ out: 'eth0' }] }),
          })
          .describe('One way.'),
      )
      .exactOptional()
      .meta({ description: 'All ways, in order.', examples: [[{ reply: { out: 'eth0' } }]] }),
    connection: fate
      .exactOptional()
      .meta({ description: 'What becomes of the connection.', examples: ['kept'] }),
  })
  .meta({ id: 'ExpectedStream', description: 'What the scenario expects of a stream.' });
