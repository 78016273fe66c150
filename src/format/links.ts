import { z } from 'zod';
import { choice, duration, endpoint, keyed } from './common.js';

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
      delay: duration.optional().meta({
        description: 'How long a packet takes, in each direction.',
        examples: ['20ms'],
      }),
      jitter: duration.optional().meta({
        description: 'By how much that varies, up or down; packets may overtake each other.',
        examples: ['5ms'],
      }),
      loss: z
        .string()
        .regex(/^(100|[0-9]{1,2}(\.[0-9]{1,4})?)%$/, 'must be 0% to 100%, with up to four decimals')
        .optional()
        .meta({
          description: 'The share of packets that are lost at random, in each direction.',
          examples: ['1%', '0.5%'],
        }),
      rate: z
        .string()
        .regex(/^[1-9][0-9]{0,5}(kbit|mbit|gbit)$/, 'must be a number of kbit, mbit or gbit, such as 10mbit')
        .optional()
        .meta({
          description: 'Bits in a second, in each direction; what does not fit waits, and then is dropped.',
          examples: ['10mbit'],
        }),
    })
    .meta({
      id: 'Link',
      description: 'A link of which there is more to say than its ends.',
      examples: [
        { ends: ['server:eth0', 'router:lan'], mtu: 1400 },
        { ends: ['isp1:wan', 'internet:isp1'], delay: '20ms', jitter: '5ms', loss: '1%', rate: '10mbit' },
      ],
    }),
]);

const vlanId = z.int().min(1).max(4094);

const portVlans = z
  .strictObject({
    tagged: z
      .array(vlanId)
      .optional()
      .meta({ description: 'VLANs whose frames pass with their tag.', examples: [[10, 20]] }),
    untagged: vlanId.optional().meta({
      description: 'The VLAN of frames without a tag, to which they belong and of which they are given none.',
      examples: [10],
    }),
  })
  .meta({
    id: 'PortVlans',
    description: 'The VLANs of a port: `untagged` alone is an access port, `tagged` a trunk.',
    examples: [{ untagged: 10 }, { tagged: [10, 20] }],
  });

const ports = z.array(endpoint).min(1);

export const segment = z.union([
  ports,
  z
    .strictObject({
      ports: ports.meta({
        description: 'The endpoints that are plugged in, in order.',
        examples: [['server:eth0', 'isp1:lan', 'isp2:lan']],
      }),
      vlans: z
        .record(keyed('port', endpoint), portVlans)
        .optional()
        .meta({
          description: 'The VLANs of its ports (IEEE 802.1Q); one that is not named has VLAN 1 untagged.',
          examples: [{ 'server:eth0': { tagged: [10, 20] }, 'isp1:lan': { untagged: 10 } }],
        }),
    })
    .meta({
      id: 'Segment',
      description: 'A switch of which there is more to say than its ports.',
      examples: [
        {
          ports: ['server:eth0', 'isp1:lan'],
          vlans: { 'server:eth0': { tagged: [10] }, 'isp1:lan': { untagged: 10 } },
        },
      ],
    }),
]);

export type SegmentInput = z.infer<typeof segment>;
export type LinkInput = z.infer<typeof link>;
