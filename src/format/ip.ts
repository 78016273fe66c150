import { z } from 'zod';
import { choice, family, keyed, metric, name, text, when } from './common.js';

/** One word of an `ip` command: nothing that would end it or begin another, NUL included. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: refused; \p{Cc} is not known to every reader of JSON Schemas.
const word = z.string().regex(/^[^\s#\\"'\u0000-\u001f\u007f-\u009f]+$/, 'must be one word');

const ADDRESS = 'An address, or node:interface for the first address of that interface.';
const PREFIX =
  'default, a prefix, an address, node:interface (that address alone), or node:interface/net (its connected network).';

const table = z
  .union([word, z.int().min(0).max(4294967295)])
  .meta({ description: 'A route table: name or number.', examples: ['uplink1', 101, 'main'] });
const number = z.union([
  z.int().min(0),
  z.string().regex(/^(0x[0-9a-fA-F]+|[0-9]+)$/, 'must be a number, decimal or 0x…'),
]);
const tos = number.meta({ description: 'Type of service, as the header has it.', examples: ['0x10'] });
const device = word.max(15);

const via = text.meta({ description: `The gateway. ${ADDRESS}`, examples: ['192.0.2.1', 'isp2:lan'] });
const dev = device.meta({ description: 'The interface by which packets leave.', examples: ['eth1'] });

const nexthop = z
  .strictObject({
    via: via.optional(),
    dev: dev.optional(),
    weight: z
      .int()
      .min(1)
      .max(256)
      .optional()
      .meta({ description: 'Share of the flows, 1 to 256; 1 unless given.', examples: [1, 2] }),
  })
  .meta({ id: 'Nexthop', description: 'One of several next hops.' });

const ipRoute = z
  .strictObject({
    to: text.meta({
      description: `Destination: ${PREFIX}`,
      examples: ['default', '198.51.100.0/24', 'server:eth1/net'],
    }),
    type: choice({
      unicast: 'by a next hop or an interface, which is so unless given',
      blackhole: 'dropped, and nobody is told',
      unreachable: 'dropped with ICMP host unreachable',
      prohibit: 'dropped with ICMP communication administratively prohibited',
      throw: 'the lookup in this table ends without a route; the next rule counts',
      local: 'delivered on this node',
    })
      .optional()
      .meta({
        description: 'Route type, see ip-route(8); unicast unless given.',
        examples: ['blackhole', 'throw'],
      }),
    table: table.optional(),
    via: via.optional(),
    dev: dev.optional(),
    src: text
      .optional()
      .meta({ description: `Preferred source address. ${ADDRESS}`, examples: ['server:eth1'] }),
    metric: metric.optional(),
    scope: z
      .union([word, z.int().min(0)])
      .optional()
      .meta({ description: 'global, link, host or a number.', examples: ['link', 'host'] }),
    proto: z
      .union([word, z.int().min(0)])
      .optional()
      .meta({ description: 'Routing protocol identifier.', examples: ['static'] }),
    tos: tos.optional(),
    onlink: z
      .boolean()
      .optional()
      .meta({ description: 'Take the gateway as reachable on the link.', examples: [true] }),
    nexthops: z
      .array(nexthop)
      .min(1)
      .optional()
      .meta({
        description: 'Several next hops (multipath), in place of via and dev.',
        examples: [
          [
            { via: '192.0.2.1', dev: 'eth0' },
            { via: '198.51.100.1', dev: 'eth1', weight: 2 },
          ],
        ],
      }),
    family: family.optional().meta({
      description: 'Only this family; needed where no address tells it and one alone is meant.',
      examples: [4],
    }),
    when: when.optional(),
  })
  .meta({
    id: 'Route',
    description: 'One route; `ip route add`.',
  });

const ports = z.union([
  z.int().min(1).max(65535),
  z.string().regex(/^[0-9]+-[0-9]+$/, 'must be a port or a range N-M'),
]);

const ipRule = z
  .strictObject({
    not: z
      .boolean()
      .optional()
      .meta({ description: 'Invert the whole selector.', examples: [true] }),
    from: text.optional().meta({
      description: `Source: ${PREFIX}`,
      examples: ['198.51.100.10', 'server:eth1', 'server:eth1/net'],
    }),
    to: text
      .optional()
      .meta({ description: `Destination: ${PREFIX}`, examples: ['203.0.113.0/24', 'client:eth0'] }),
    iif: device.optional().meta({
      description: 'Interface by which the packet came in; lo for what the node sends itself.',
      examples: ['eth1', 'lo'],
    }),
    oif: device
      .optional()
      .meta({ description: 'Interface to which the sending socket is bound.', examples: ['eth1'] }),
    fwmark: z
      .union([
        z.int().min(0),
        z.string().regex(/^[0-9a-fA-Fx]+(\/[0-9a-fA-Fx]+)?$/, 'must be a mark or mark/mask'),
      ])
      .optional()
      .meta({
        description: 'Firewall mark, with a mask where given: 0x1/0xff.',
        examples: [1, '0x1/0xff'],
      }),
    tos: tos.optional(),
    ipproto: z
      .union([word, z.int().min(0)])
      .optional()
      .meta({ description: 'Protocol by name or number.', examples: ['tcp', 'icmp', 17] }),
    sport: ports.optional().meta({ description: 'Source port, or a range of them.', examples: [22] }),
    dport: ports
      .optional()
      .meta({ description: 'Destination port, or a range of them.', examples: [443, '5000-5010'] }),
    uidrange: z
      .string()
      .regex(/^[0-9]+-[0-9]+$/, 'must be a range N-M')
      .optional()
      .meta({ description: 'Users of the sending program, first to last.', examples: ['1000-1999'] }),
    l3mdev: z
      .literal(true)
      .optional()
      .meta({ description: 'Take the table of the VRF device.', examples: [true] }),
    table: table.optional(),
    action: choice({
      blackhole: 'dropped, and nobody is told',
      unreachable: 'dropped with ICMP net unreachable',
      prohibit: 'dropped with ICMP communication administratively prohibited',
    })
      .optional()
      .meta({ description: 'What happens to the packet, in place of a table.', examples: ['blackhole'] }),
    goto: z
      .int()
      .min(0)
      .optional()
      .meta({ description: 'Preference of the rule to go on with.', examples: [200] }),
    suppress_prefixlength: z
      .int()
      .min(0)
      .optional()
      .meta({
        description:
          'Reject what the table gives with a prefix of this length or shorter; 0: no default route.',
        examples: [0],
      }),
    preference: z
      .int()
      .min(0)
      .max(4294967295)
      .optional()
      .meta({ description: 'Rules are consulted by ascending preference.', examples: [100] }),
    family: family.optional().meta({
      description: 'Only this family; both unless an address tells it.',
      examples: [4],
    }),
    when: when.optional(),
  })
  .meta({
    id: 'Rule',
    description: 'One RPDB rule; `ip rule add`.',
  });

export const ip = z
  .strictObject({
    tables: z
      .record(
        keyed('table', name),
        z
          .int()
          .min(1)
          .max(4294967295)
          .meta({ description: 'Number of the table.', examples: [101] }),
      )
      .optional()
      .meta({ description: 'Names for route tables, as in rt_tables.', examples: [{ uplink1: 101 }] }),
    routes: z
      .array(ipRoute)
      .optional()
      .meta({
        description: 'Added in this order, before the rules.',
        examples: [
          [
            { to: 'default', via: '198.51.100.1', table: 'uplink1' },
            { to: '192.0.2.0/24', dev: 'eth0', src: '192.0.2.10', table: 101 },
            { to: '10.0.0.0/8', type: 'blackhole' },
          ],
        ],
      }),
    rules: z
      .array(ipRule)
      .optional()
      .meta({
        description: 'Added in this order.',
        examples: [
          [
            { from: 'server:eth1', table: 'uplink1', preference: 100 },
            { fwmark: 1, table: 101 },
            { iif: 'eth0', action: 'blackhole', preference: 10 },
          ],
        ],
      }),
  })
  .meta({
    description: 'Typed routes and rules. An entry whose addresses do not tell one family is added in both.',
    examples: [
      {
        routes: [{ to: 'default', via: '198.51.100.1', table: 101 }],
        rules: [{ from: 'server:eth1', table: 101, preference: 100 }],
      },
    ],
  });

export type IpInput = z.infer<typeof ip>;
export type IpRouteInput = z.infer<typeof ipRoute>;
export type IpRuleInput = z.infer<typeof ipRule>;
