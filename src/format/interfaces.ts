import { z } from 'zod';
import { choice } from './common.js';
import { mtu } from './links.js';

const address = z.union([
  z.string(),
  z
    .strictObject({
      address: z.string().meta({
        description: 'The address with its prefix length.',
        examples: ['192.0.2.50/24', '2001:db8:a::50/64'],
      }),
      dynamic: z
        .boolean()
        .optional()
        .meta({
          description:
            'true: the lab does not set it, something that runs in the node will (DHCP, router advertisements, a VPN, a recipe). Names resolve to it all the same.',
          examples: [true],
        }),
      peer: z
        .string()
        .optional()
        .meta({
          description: 'Address of the other end, where that is not in the same subnet; ip-address(8).',
          examples: ['198.51.100.1'],
        }),
      label: z
        .string()
        .optional()
        .meta({
          description: 'Name of an alias (IPv4): the interface, a colon, and something more; ip-address(8).',
          examples: ['eth0:1'],
        }),
    })
    .meta({
      id: 'Address',
      description: 'An address with what is special about it.',
      examples: [
        { address: '192.0.2.50/24', dynamic: true },
        { address: '192.0.2.11/24', label: 'eth0:1' },
        { address: '192.0.2.10/32', peer: '198.51.100.1' },
      ],
    }),
]);

/** Where an interface is, on the network: every kind has these. */
const common = {
  addresses: z
    .array(address)
    .optional()
    .meta({
      description: 'Addresses with prefix length, both families alike.',
      examples: [['192.0.2.10/24', '2001:db8:a::10/64'], [{ address: '192.0.2.50/24', dynamic: true }]],
    }),
  mtu: mtu.optional(),
};

const on = z
  .string()
  .meta({ description: 'The interface of the node that it stands on.', examples: ['eth0'] });
const ports = z.array(z.string()).meta({
  description: 'Interfaces of the node.',
  examples: [['eth0'], ['eth0', 'eth1']],
});
const local = z.string().meta({
  description: 'Address of the node that outer packets come from.',
  examples: ['192.0.2.10'],
});
const remote = z.string().meta({
  description: "Address of the tunnel's other end.",
  examples: ['203.0.113.9'],
});

/** The key by which an interface says what it is, with its one value. */
function kind<const Word extends string>(word: Word, meaning: string) {
  return z.literal(word).meta({ description: `${meaning}.`, examples: [word] });
}

const ETHERNET = 'an end of a link or a port of a segment, which is so unless given';

/** An interface; which keys it has is decided by its kind. */
export const interfaceShape = z
  .discriminatedUnion('kind', [
    z.strictObject({ kind: kind('ethernet', ETHERNET).optional(), ...common }),
    z.strictObject({
      kind: kind(
        'external',
        'made by something that runs in the node: the lab neither makes nor addresses it',
      ),
      addresses: common.addresses,
    }),
    z.strictObject({
      kind: kind('vlan', 'what has one tag on another interface (IEEE 802.1Q)'),
      on,
      id: z
        .int()
        .min(1)
        .max(4094)
        .meta({ description: 'The VLAN id, 1 to 4094.', examples: [10] }),
      ...common,
    }),
    z.strictObject({
      kind: kind('bridge', 'a switch inside of the node, with an interface of the node in it'),
      ports: ports.optional(),
      ...common,
    }),
    z.strictObject({
      kind: kind('bond', 'several interfaces that are used as one'),
      ports: ports.min(1),
      mode: choice({
        'balance-rr': 'packets go out by one port after the other',
        'active-backup': 'one port is used, and another one when that fails',
        'balance-xor': 'packets of one flow go out by one port',
        broadcast: 'every packet goes out by every port',
        '802.3ad': 'ports are put together by LACP',
        'balance-tlb': 'what goes out is balanced by load',
        'balance-alb': 'what goes out and what comes in is balanced by load',
      })
        .optional()
        .meta({ description: 'How ports are used; balance-rr unless given.', examples: ['active-backup'] }),
      ...common,
    }),
    z.strictObject({
      kind: kind('vrf', 'a routing domain: what its ports receive is routed by its table'),
      ports,
      table: z
        .int()
        .min(1)
        .max(4294967295)
        .meta({ description: 'Number of the route table of the VRF.', examples: [100] }),
      ...common,
    }),
    z.strictObject({ kind: kind('dummy', 'connected to nothing, for addresses of the node'), ...common }),
    z.strictObject({
      kind: kind('macvlan', 'an interface with a layer-2 address of its own on another one'),
      on,
      mode: choice({
        bridge: 'those on one interface reach each other',
        private: 'they do not',
        vepa: 'they do by a switch outside that sends frames back',
        passthru: 'there is only one on the interface',
      })
        .optional()
        .meta({
          description: 'How those on one interface reach each other; bridge unless given.',
          examples: ['bridge'],
        }),
      ...common,
    }),
    z.strictObject({
      kind: kind('gre', 'a GRE tunnel (RFC 2784)'),
      local,
      remote,
      key: z
        .int()
        .min(0)
        .max(4294967295)
        .optional()
        .meta({ description: 'Key of the tunnel (RFC 2890).', examples: [7] }),
      ttl: z
        .int()
        .min(1)
        .max(255)
        .optional()
        .meta({ description: 'TTL of outer packets; that of the inner ones unless given.', examples: [64] }),
      ...common,
    }),
    z.strictObject({
      kind: kind('vxlan', 'a VXLAN tunnel (RFC 7348) to one other end'),
      id: z
        .int()
        .min(0)
        .max(16777215)
        .meta({ description: 'The VXLAN network identifier.', examples: [7] }),
      local,
      remote,
      port: z
        .int()
        .min(1)
        .max(65535)
        .optional()
        .meta({ description: 'UDP port; 4789 unless given.', examples: [4789] }),
      ...common,
    }),
  ])
  .meta({
    id: 'Interface',
    description: 'An interface: an end of a link or a port of a segment, unless `kind` is given.',
    examples: [
      { addresses: ['192.0.2.10/24', '2001:db8:a::10/64'] },
      { kind: 'vlan', on: 'eth0', id: 10, addresses: ['192.0.2.10/24'] },
      { kind: 'bridge', ports: ['eth0'], addresses: ['192.0.2.10/24'] },
      { kind: 'external', addresses: ['10.8.0.1/24'] },
    ],
  });

export type InterfaceInput = z.infer<typeof interfaceShape>;
export type AddressInput = z.infer<typeof address>;
