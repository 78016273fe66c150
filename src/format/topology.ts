import { z } from 'zod';
import { ALLOWABLE, DIAGNOSTIC_CODES } from './codes.js';
import { choice, family, keyed, metric, name, sysctls, text, when } from './common.js';
import { interfaceShape } from './interfaces.js';
import { link, segment } from './links.js';
import { nodePolicy } from './policy.js';

const value = z.union([z.string(), z.number()]);

const parameter = z
  .strictObject({
    values: z
      .array(value)
      .min(1)
      .meta({ description: 'All values it may have.', examples: [['open', 'bcp38']] }),
    default: value.meta({
      description: 'Its value where neither a scenario nor a matrix sets it.',
      examples: ['open'],
    }),
    description: text.optional().meta({
      description: 'What it changes.',
      examples: ['Whether the providers drop sources that are not their customer’s.'],
    }),
  })
  .meta({
    id: 'Parameter',
    description: 'A parameter: used as $name in a value, and in `when`.',
    examples: [{ values: [0, 1, 2], default: 0 }],
  });

const route = z
  .strictObject({
    to: z.string().meta({
      description: 'Destination: default, a prefix, or an address.',
      examples: ['default', '198.51.100.0/24', '2001:db8:b::/64'],
    }),
    via: z
      .string()
      .optional()
      .meta({ description: 'Address of the gateway.', examples: ['192.0.2.1', '2001:db8:a::1'] }),
    dev: z
      .string()
      .optional()
      .meta({ description: 'Interface of the node.', examples: ['eth0'] }),
    src: z
      .string()
      .optional()
      .meta({ description: 'Preferred source address, one of the node.', examples: ['192.0.2.10'] }),
    metric: metric.optional(),
    family: family.optional().meta({
      description: 'For a default route without gateway: one family instead of both.',
      examples: [4],
    }),
    when: when.optional(),
  })
  .meta({
    id: 'StaticRoute',
    description: 'A static route of the table main. Literal addresses only.',
  });

const node = z
  .strictObject({
    profile: choice({
      kernel: 'what the kernel starts with: no reverse-path filter',
      debian: 'as the kernel: Debian 12 ships rp_filter commented out',
      ubuntu: 'rp_filter 2 (loose)',
      rhel: 'as systemd, with rp_filter 1 (strict)',
      systemd: 'rp_filter 2 (loose), promote_secondaries 1, accept_source_route 0',
    })
      .optional()
      .meta({
        description: 'Whose network sysctls the node starts with; kernel unless given.',
        examples: ['debian', 'rhel'],
      }),
    rp_filter: z
      .union([
        z.literal('unset').describe('what the profile says'),
        z.literal(0).describe('off'),
        z.literal(1).describe('strict: the route back has to leave by the interface of arrival'),
        z.literal(2).describe('loose: there has to be a route back by any interface'),
      ])
      .optional()
      .meta({
        description:
          'Reverse-path filter (IPv4) in all, default and every interface; unset leaves what the profile says.',
        examples: [1],
      }),
    forwarding: z
      .boolean()
      .optional()
      .meta({ description: 'Forward packets, IPv4 and IPv6; false unless given.', examples: [true] }),
    interfaces: z
      .record(keyed('interface'), interfaceShape.nullable())
      .optional()
      .meta({
        description:
          'Interfaces by name; those without a kind are each an end of one link or a port of one segment.',
        examples: [{ eth0: { addresses: ['192.0.2.10/24', '2001:db8:a::10/64'] } }],
      }),
    routes: z
      .array(route)
      .optional()
      .meta({
        description: 'Static routes of the table main.',
        examples: [
          [
            { to: 'default', via: '192.0.2.1' },
            { to: '198.51.100.0/24', via: '192.0.2.2', metric: 10 },
          ],
        ],
      }),
    sysctls: z
      .union([
        sysctls,
        z.array(
          z
            .strictObject({ when: when.optional(), set: sysctls })
            .describe('Sysctls that only some variants have.'),
        ),
      ])
      .optional()
      .meta({
        description: 'Written after profile, forwarding and rp_filter: a map, or a list of { when, set }.',
        examples: [
          { 'net.ipv4.conf.all.arp_ignore': 1 },
          [{ when: { arp: 'strict' }, set: { 'net.ipv4.conf.all.arp_ignore': 1 } }],
        ],
      }),
    policy: nodePolicy.optional(),
  })
  .meta({
    id: 'Node',
    description: 'A host: network, mount and UTS namespace.',
    examples: [
      {
        interfaces: { eth0: { addresses: ['192.0.2.10/24'] } },
        routes: [{ to: 'default', via: '192.0.2.1' }],
      },
      {
        forwarding: true,
        interfaces: {
          lan: { addresses: ['192.0.2.1/24'] },
          wan: { addresses: ['198.51.100.1/24'] },
        },
      },
    ],
  });

const allowable = Object.fromEntries(ALLOWABLE.map((code) => [code, DIAGNOSTIC_CODES[code]])) as Record<
  (typeof ALLOWABLE)[number],
  string
>;

/** The keys of a topology, in its own file or inline in a scenario. */
export const topologyFile = z
  .strictObject({
    title: text.optional().meta({
      description: 'What the network is, in a line.',
      examples: ['A server with two uplinks, each to a provider of its own'],
    }),
    extends: text.optional().meta({
      description:
        'A topology to start from: maps are merged, lists replaced, null removes a key, links are added and take their ends away from older links.',
      examples: ['dual-isp'],
    }),
    params: z
      .record(keyed('parameter', name), z.union([parameter, value]))
      .optional()
      .meta({
        description:
          'Declares parameters; a plain value sets the default of one that the extended topology declares.',
        examples: [{ rp_filter: { values: [0, 1, 2], default: 0 } }, { isp: 'bcp38' }],
      }),
    nodeUnderTest: z
      .string()
      .optional()
      .meta({
        description: 'Flows are judged at this node where they have to do with it.',
        examples: ['server'],
      }),
    nodes: z
      .record(keyed('node'), node.nullable())
      .optional()
      .meta({
        description: 'Nodes by name; null removes one of the extended topology.',
        examples: [
          {
            server: {
              interfaces: { eth0: { addresses: ['192.0.2.10/24'] } },
              routes: [{ to: 'default', via: '192.0.2.1' }],
            },
            router: { forwarding: true, interfaces: { lan: { addresses: ['192.0.2.1/24'] } } },
          },
        ],
      }),
    links: z
      .array(link)
      .optional()
      .meta({
        description: 'Pairs of endpoints, or maps where there is more to say.',
        examples: [
          [['server:eth0', 'router:lan']],
          [['server:eth0', 'router:lan'], { ends: ['server:eth1', 'router:dsl'], mtu: 1492 }],
        ],
      }),
    segments: z
      .record(keyed('segment', name), segment.nullable())
      .optional()
      .meta({
        description: 'Shared layer-2 networks (bridges) by name, each with its ports in order, or a map.',
        examples: [
          { lan: ['server:eth0', 'router:lan', 'peer:eth0'] },
          {
            switch: {
              ports: ['server:eth0', 'isp1:lan'],
              vlans: { 'server:eth0': { tagged: [10] }, 'isp1:lan': { untagged: 10 } },
            },
          },
        ],
      }),
    allow: z
      .array(choice(allowable))
      .optional()
      .meta({
        description: 'Mistakes that this topology makes on purpose.',
        examples: [['duplicate-address']],
      }),
  })
  .meta({ id: 'Topology', description: 'A network: nodes, links and segments, with parameters.' });

export type TopologyInput = z.infer<typeof topologyFile>;
export type NodeInput = z.infer<typeof node>;
export type StaticRouteInput = z.infer<typeof route>;
export type ProfileName = NonNullable<NodeInput['profile']>;
