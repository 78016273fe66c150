import { z } from 'zod';
import { choice, endpoint } from './common.js';

export const mtu = z
  .int()
  .min(68)
  .max(65535)
  .meta({ description: 'Largest packet in bytes; 1500 unless given.', examples: [1400] });

const ends = z.tuple([endpoint, endpoint]);

export const link = z.union([
  ends,
  z
    .strictObject({
      ends: ends.meta({
        description: 'The two endpoints.',
        examples: [['server:eth0', 'router:lan']],
      }),
      kind: choice({
        veth: 'an Ethernet cable, which is so unless given',
        ppp: 'a point-to-point link that is down until an event connects it',
      })
        .optional()
        .meta({ description: 'What it is; an Ethernet cable unless given.', examples: ['ppp'] }),
      mtu: mtu.optional().meta({
        description: 'Largest packet in bytes, at each end that does not say its own.',
        examples: [1400],
      }),
    })
    .meta({
      id: 'Link',
      description: 'A link of which there is more to say than its ends.',
      examples: [{ ends: ['server:eth0', 'router:lan'], mtu: 1400 }],
    }),
]);

export type LinkInput = z.infer<typeof link>;
