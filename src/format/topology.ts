import { z } from 'zod';
import { ALLOWABLE } from './codes.js';
import { endpoint, family, metric, name, scalar, text, when } from './common.js';
import { nodePolicy } from './policy.js';

const value = z.union([z.string(), z.number()]);

const parameter = z
  .strictObject({
    values: z.array(value).min(1).describe('All values it may have.'),
    default: value.describe('Its value where neither a scenario nor a matrix sets it.'),
    description: text.optional().describe('What it changes.'),
  })
  .describe('A parameter: used as $name in a value, and in `when`.');

const interfaceShape = z
  .strictObject({
    addresses: z.array(z.string()).optional().describe('Addresses with prefix length, both families alike.'),
    mtu: z.int().min(68).max(65535).optional().describe('Largest packet in bytes.'),
  })
  .describe('An Ethernet interface, an end of a link or a port of a segment.');

const route = z
  .strictObject({
    to: z.string().describe('default, a prefix, or an address.'),
    via: z.string().optional().describe('Address of the gateway.'),
    dev: z.string().optional().describe('Interface of the node.'),
    src: z.string().optional().describe('Preferred source address, one of the node.'),
    metric: metric.optional(),
    family: family.optional().describe('For a default route without gateway: one family instead of both.'),
    when: when.optional(),
  })
  .describe('A static route of the table main. Literal addresses only.');

const sysctlMap = z.record(z.string(), scalar).describe('Sysctl keys below net. with their values.');

const node = z
  .strictObject({
    profile: z
      .enum(['kernel', 'debian', 'ubuntu', 'rhel', 'systemd'])
      .optional()
      .describe('Whose network sysctls the node starts with; kernel unless given.'),
    rp_filter: z
      .union([z.literal('unset'), z.literal(0), z.literal(1), z.literal(2)])
      .optional()
      .describe(
        'Reverse-path filter in all, default and every interface; unset leaves what the profile says.',
      ),
    forwarding: z.boolean().optional().describe('Forward packets, IPv4 and IPv6; false unless given.'),
    interfaces: z.record(z.string(), interfaceShape.nullable()).optional().describe('Interfaces by name.'),
    routes: z.array(route).optional(),
    sysctls: z
      .union([sysctlMap, z.array(z.strictObject({ when: when.optional(), set: sysctlMap }))])
      .optional()
      .describe('Written after profile, forwarding and rp_filter: a map, or a list of { when, set }.'),
    policy: nodePolicy.optional().describe('What the node is configured with beyond addresses and routes.'),
  })
  .describe('A host: network, mount and UTS namespace.');

/** The keys of a topology, in its own file or inline in a scenario. */
export const topologyFile = z
  .strictObject({
    title: text.optional().describe('What the network is, in a line.'),
    extends: text
      .optional()
      .describe(
        'A topology to start from: maps are merged, lists replaced, null removes a key, links are added and take their ends away from older links.',
      ),
    params: z
      .record(name, z.union([parameter, value]))
      .optional()
      .describe(
        'Declares parameters; a plain value sets the default of one that the extended topology declares.',
      ),
    nodeUnderTest: z
      .string()
      .optional()
      .describe('Flows are judged at this node where they have to do with it.'),
    nodes: z.record(z.string(), node.nullable()).optional().describe('Nodes by name.'),
    links: z
      .array(z.tuple([endpoint, endpoint]))
      .optional()
      .describe('Pairs of endpoints, each pair a veth pair.'),
    segments: z
      .record(name, z.array(endpoint).min(1).nullable())
      .optional()
      .describe('Shared layer-2 networks (bridges) by name, each with its ports in order.'),
    allow: z.array(z.enum(ALLOWABLE)).optional().describe('Mistakes that this topology makes on purpose.'),
  })
  .describe('A network: nodes, links and segments, with parameters.');

export type TopologyInput = z.infer<typeof topologyFile>;
export type NodeInput = z.infer<typeof node>;
export type StaticRouteInput = z.infer<typeof route>;
export type ProfileName = NonNullable<NodeInput['profile']>;
