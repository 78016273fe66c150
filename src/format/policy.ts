import { z } from 'zod';
import { name, sysctls, text, when } from './common.js';
import { configure } from './configure.js';
import { ip } from './ip.js';
import { awaited, files, process } from './process.js';

const bodyKeys = {
  policy: z
    .string()
    .optional()
    .meta({
      description:
        'Name of a file in lab/policies, or a path from this file that begins with ./ or ../; none for nothing.',
      examples: ['split-access', 'none', './my-policy.yaml'],
    }),
  shell: text.optional().meta({
    description: 'A shell script, run by bash as root to its end, and reported command by command.',
    examples: ['ip route add default via 198.51.100.1 table 101\nip rule add from 198.51.100.10 table 101\n'],
  }),
  ip: ip.optional(),
  sysctl: sysctls.optional(),
  nft: text.optional().meta({
    description: 'A ruleset for `nft -f`.',
    examples: [
      'table inet filter {\n  chain forward {\n    type filter hook forward priority filter\n    ct state invalid drop\n  }\n}\n',
    ],
  }),
  iptables: text.optional().meta({
    description: 'Input for iptables-restore.',
    examples: ['*filter\n-A FORWARD -p udp -j DROP\nCOMMIT\n'],
  }),
  ip6tables: text.optional().meta({
    description: 'Input for ip6tables-restore.',
    examples: ['*filter\n-A FORWARD -p udp -j DROP\nCOMMIT\n'],
  }),
  files: files.optional(),
  configure: configure.optional().meta({
    description: 'A configuration tool, run with its files as on a real system.',
    examples: [
      {
        tool: 'ifupdown',
        files: {
          '/etc/network/interfaces': 'auto eth1\niface eth1 inet static\n    address 198.51.100.10/24\n',
        },
      },
    ],
  }),
  process: process.optional().meta({
    description: 'A program that goes on while flows run, until the end of the lab; its output is kept.',
    examples: [
      {
        name: 'openvpn',
        command: 'openvpn --config /etc/openvpn/server.conf',
        ready: { output: 'Initialization Sequence Completed' },
      },
    ],
  }),
  stop: name.optional().meta({
    description: 'Name of a process, or of a configuration tool, to end; it is waited for.',
    examples: ['openvpn'],
  }),
  restart: name.optional().meta({
    description:
      'Name of a process, or of a configuration tool, to end and start as before; it is waited for until it is ready.',
    examples: ['dnsmasq'],
  }),
  await: awaited.optional().meta({
    description: 'Waits until something holds, such as that a packet passes a tunnel.',
    examples: [{ reaches: '10.8.0.1' }, { shell: 'ip -6 route show default | grep -q .' }],
  }),
};

export const policyItem = z
  .strictObject({ ...bodyKeys, when: when.optional() })
  .meta({ id: 'PolicyItem', description: 'One thing to apply: exactly one of these keys, beside when.' });

const ITEMS_EXAMPLE = [
  { policy: 'split-access' },
  { when: { family: 4 }, sysctl: { 'net.ipv4.conf.all.rp_filter': 2 } },
];

/** The keys with which a policy can stand in an `apply` entry or make a policy file. */
export const policyKeys = {
  ...bodyKeys,
  items: z
    .array(policyItem)
    .optional()
    .meta({ description: 'Several things, applied in this order.', examples: [ITEMS_EXAMPLE] }),
};

export const nodePolicy = z.union([z.string(), z.array(policyItem)]).meta({
  description: 'What the node is configured with beyond addresses and routes: name of a policy, or a list.',
  examples: ['split-access', ITEMS_EXAMPLE],
});

export const policyFile = z
  .strictObject({
    title: text
      .optional()
      .meta({ description: 'What the policy does, in a line.', examples: ['eth1 answers by eth1'] }),
    ...policyKeys,
  })
  .meta({
    description:
      'A policy for one node: exactly one of shell, ip, sysctl, nft, iptables, ip6tables, files, configure, process, stop, restart, await, policy or items.',
  });

/** An entry holds exactly one of these. */
export const POLICY_KEYS = Object.keys(policyKeys) as readonly (keyof typeof policyKeys)[];

export type PolicyItemInput = z.infer<typeof policyItem>;
export type PolicyInput = Omit<z.infer<typeof policyFile>, 'title'>;
