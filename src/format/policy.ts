import { z } from 'zod';
import { family, metric, name, scalar, text, when } from './common.js';

/** One word of an `ip` command: nothing that would end it or begin another. */
const word = z.string().regex(/^[^\s#\\"']+$/, 'must be one word');

const address = text.describe('An address, or node:interface for the address of that interface.');
const prefix = text.describe(
  'default, a prefix, an address, node:interface (that address alone), or node:interface/net (its connected network).',
);
const table = z.union([word, z.int().min(0).max(4294967295)]).describe('A route table: name or number.');
const number = z.union([z.int().min(0), z.string().regex(/^(0x[0-9a-fA-F]+|[0-9]+)$/, 'must be a number')]);
const device = word.max(15).describe('An interface of the node.');

const nexthop = z.strictObject({
  via: address.optional(),
  dev: device.optional(),
  weight: z.int().min(1).max(256).optional().describe('Share of the flows, 1 to 256.'),
});

export const ipRoute = z
  .strictObject({
    to: prefix.describe('Destination: default, a prefix, or an endpoint reference.'),
    type: z
      .enum(['unicast', 'blackhole', 'unreachable', 'prohibit', 'throw', 'local'])
      .optional()
      .describe('Route type, see ip-route(8); unicast unless given.'),
    table: table.optional(),
    via: address.optional().describe('The gateway.'),
    dev: device.optional(),
    src: address.optional().describe('Preferred source address.'),
    metric: metric.optional(),
    scope: z
      .union([word, z.int().min(0)])
      .optional()
      .describe('global, link, host or a number.'),
    proto: z
      .union([word, z.int().min(0)])
      .optional()
      .describe('Routing protocol identifier.'),
    tos: number.optional(),
    onlink: z.boolean().optional().describe('Take the gateway as reachable on the link.'),
    nexthops: z.array(nexthop).min(1).optional().describe('Several next hops (multipath).'),
    family: family
      .optional()
      .describe('Only this family; needed where no address tells it and one alone is meant.'),
    when: when.optional(),
  })
  .describe('One route; `ip route add`.');

const ports = z.union([
  z.int().min(1).max(65535),
  z.string().regex(/^[0-9]+-[0-9]+$/, 'must be a port or a range N-M'),
]);

export const ipRule = z
  .strictObject({
    not: z.boolean().optional().describe('Invert the selector.'),
    from: prefix.optional().describe('Source prefix.'),
    to: prefix.optional().describe('Destination prefix.'),
    iif: device
      .optional()
      .describe('Interface by which the packet came in; lo for what the node sends itself.'),
    oif: device.optional().describe('Interface to which the sending socket is bound.'),
    fwmark: z
      .union([
        z.int().min(0),
        z.string().regex(/^[0-9a-fA-Fx]+(\/[0-9a-fA-Fx]+)?$/, 'must be a mark or mark/mask'),
      ])
      .optional()
      .describe('Firewall mark, with a mask where given: 0x1/0xff.'),
    tos: number.optional(),
    ipproto: z
      .union([word, z.int().min(0)])
      .optional()
      .describe('Protocol by name or number.'),
    sport: ports.optional(),
    dport: ports.optional(),
    uidrange: z
      .string()
      .regex(/^[0-9]+-[0-9]+$/, 'must be a range N-M')
      .optional(),
    l3mdev: z.literal(true).optional().describe('Take the table of the VRF device.'),
    table: table.optional(),
    action: z.enum(['blackhole', 'unreachable', 'prohibit']).optional().describe('Instead of a table.'),
    goto: z.int().min(0).optional().describe('Preference of the rule to go on with.'),
    suppress_prefixlength: z
      .int()
      .min(0)
      .optional()
      .describe('Reject routes with this prefix length or shorter.'),
    preference: z
      .int()
      .min(0)
      .max(4294967295)
      .optional()
      .describe('Rules are consulted by ascending preference.'),
    family: family.optional().describe('Only this family.'),
    when: when.optional(),
  })
  .describe('One RPDB rule; `ip rule add`.');

const ip = z
  .strictObject({
    tables: z
      .record(name, z.int().min(1).max(4294967295))
      .optional()
      .describe('Names for route tables, as in rt_tables.'),
    routes: z.array(ipRoute).optional().describe('Added in this order, before the rules.'),
    rules: z.array(ipRule).optional().describe('Added in this order.'),
  })
  .describe('Typed routes and rules. An entry whose addresses do not tell one family is added in both.');

const sysctls = z.record(z.string(), scalar).describe('Sysctl keys below net. with their values.');

const bodyKeys = {
  policy: z
    .string()
    .optional()
    .describe(
      'Name of a file in lab/policies, or a path from this file that begins with ./ or ../; none for nothing.',
    ),
  shell: text.optional().describe('A shell script, run line by line and reported command by command.'),
  ip: ip.optional(),
  sysctl: sysctls.optional(),
  nft: text.optional().describe('A ruleset for `nft -f`.'),
  iptables: text.optional().describe('Input for iptables-restore.'),
  ip6tables: text.optional().describe('Input for ip6tables-restore.'),
};

export const policyItem = z
  .strictObject({ ...bodyKeys, when: when.optional() })
  .describe('One thing to apply.');

/** The keys with which a policy can stand in an `apply` entry or make a policy file. */
export const policyKeys = {
  ...bodyKeys,
  items: z.array(policyItem).optional().describe('Several things, applied in this order.'),
};

export const nodePolicy = z.union([z.string(), z.array(policyItem)]);

export const policyFile = z
  .strictObject({ title: text.optional().describe('What the policy does, in a line.'), ...policyKeys })
  .describe(
    'A policy for one node: exactly one of shell, ip, sysctl, nft, iptables, ip6tables, policy or items.',
  );

/** An entry holds exactly one of these. */
export const POLICY_KEYS = Object.keys(policyKeys) as readonly (keyof typeof policyKeys)[];

export type PolicyItemInput = z.infer<typeof policyItem>;
export type PolicyInput = Omit<z.infer<typeof policyFile>, 'title'>;
export type IpInput = z.infer<typeof ip>;
export type IpRouteInput = z.infer<typeof ipRoute>;
export type IpRuleInput = z.infer<typeof ipRule>;
