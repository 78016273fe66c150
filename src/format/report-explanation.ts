import * as z from 'zod';
import { choice } from './common.js';
import { verdict } from './expectation.js';

/* What a report says about why a flow went as it did. */

const name = z.string().nullable();
const count = z.number();
const family = z
  .union([z.literal(4).describe('IPv4'), z.literal(6).describe('IPv6')])
  .meta({ description: 'Family of the addresses.', examples: [4] });
const node = z.string().meta({ description: 'Where it was.', examples: ['server'] });
const leg = choice({ request: 'the request', reply: 'its reply' }).meta({
  description: 'Of which packet.',
  examples: ['reply'],
});

const counters = z.record(z.string(), z.number()).meta({
  description: "By how much each counter of the node's namespace rose; those that did not are left out.",
  examples: [{ TcpExtIPReversePathFilter: 1 }],
});

const packet = z
  .strictObject({
    family,
    source: name.meta({
      description: 'Its source as it came; null where the node was still to choose it.',
      examples: ['198.51.100.10', null],
    }),
    destination: z.string().meta({ description: 'Its destination as it went.', examples: ['203.0.113.9'] }),
    protocol: count.meta({ description: 'Protocol number.', examples: [6] }),
    sourcePort: z
      .number()
      .nullable()
      .meta({ description: 'Null where the protocol has no ports.', examples: [22, null] }),
    destinationPort: z
      .number()
      .nullable()
      .meta({ description: 'Null where the protocol has no ports.', examples: [20000, null] }),
    isRefusal: z.boolean().meta({
      description: 'It is an ICMP error or a TCP reset, not the answer that was asked for.',
      examples: [false],
    }),
  })
  .meta({ id: 'RoutedPacket', description: 'What routing looked at.' });

export const decision = z
  .strictObject({
    rule: z
      .number()
      .nullable()
      .meta({ description: 'Preference of the rule; null where none matched.', examples: [32766, null] }),
    table: name.meta({ description: 'Null where the rule itself refuses.', examples: ['main', null] }),
    route: name.meta({
      description: 'As ip-route(8) has it; of a rule that refuses, its action.',
      examples: ['default via 192.0.2.1 dev eth0', 'unreachable'],
    }),
  })
  .meta({ id: 'Decision', description: "What of a node's routing policy decided." });

export const passage = z
  .strictObject({
    leg,
    node,
    in: name.meta({
      description: 'Interface by which it entered; null where the node made it.',
      examples: ['eth1', null],
    }),
    out: name.meta({
      description: 'Interface by which it left; null where it did not.',
      examples: ['eth0', null],
    }),
    end: choice({
      sent: 'it left the node that made it',
      forwarded: 'it went through',
      delivered: 'it was for the node itself',
      stopped: 'it went no further',
      missing: 'the node should have made it, and nothing was sighted',
    }).meta({ description: 'What became of it there.', examples: ['forwarded'] }),
    packet: packet.meta({
      description: 'The packet there.',
      examples: [
        {
          ...{ family: 4, source: '198.51.100.10', destination: '203.0.113.9', protocol: 6 },
          ...{ sourcePort: 22, destinationPort: 20000, isRefusal: false },
        },
      ],
    }),
    nexthop: name.meta({
      description: 'node:interface where it was sighted next; null where it was not.',
      examples: ['isp1:lan', null],
    }),
    decision: decision.nullable().meta({
      description: 'What decided; null where nothing was looked up, or it is not known.',
      examples: [{ rule: 32766, table: 'main', route: 'default via 192.0.2.1 dev eth0' }, null],
    }),
  })
  .meta({ id: 'Passage', description: 'One packet at one node.' });

const answer = z
  .discriminatedUnion('kind', [
    z.strictObject({
      kind: z.literal('route').meta({ description: 'There is a route.', examples: ['route'] }),
      table: z.string().meta({ description: 'The table it is in.', examples: ['main'] }),
      type: z.string().meta({ description: 'Its type.', examples: ['unicast', 'local'] }),
      device: name.meta({ description: 'Where it leads out.', examples: ['eth0', null] }),
      gateway: name.meta({ description: 'Null on the link.', examples: ['192.0.2.1', null] }),
      source: name.meta({ description: 'The source it gives.', examples: ['192.0.2.10', null] }),
    }),
    z.strictObject({
      kind: z.literal('error').meta({ description: 'The kernel refuses.', examples: ['error'] }),
      message: z.string().meta({ description: 'Its words.', examples: ['Network is unreachable'] }),
    }),
  ])
  .meta({
    description: 'What the kernel answered.',
    examples: [{ kind: 'error', message: 'Network is unreachable' }],
  });

const purpose = choice({ way: 'where it goes', 'reverse-path': 'the way back to its source' }).meta({
  description: 'What was asked.',
  examples: ['way'],
});

const lookUp = z
  .strictObject({
    node,
    leg,
    purpose,
    mark: count.meta({ description: 'The mark it was asked with.', examples: [0, 2] }),
    command: z.string().meta({
      description: 'The command by which it was asked.',
      examples: ['ip route get 203.0.113.9 from 198.51.100.10'],
    }),
    answer,
  })
  .meta({ id: 'LookUp', description: "A question to a node's kernel where a packet goes." });

const tracedDrop = z
  .strictObject({
    node,
    leg,
    interface: name.meta({
      description: 'Where it had entered or was about to leave; null where it had only been made.',
      examples: ['eth1', null],
    }),
    reason: z.string().meta({
      description: "The kernel's word for it; empty on kernels before 5.17.",
      examples: ['IP_RPFILTER'],
    }),
    location: z
      .string()
      .meta({ description: 'The function that dropped it.', examples: ['ip_rcv_finish_core'] }),
    afterUs: count.meta({
      description: 'How long after the trace had the packet last, in microseconds.',
      examples: [12],
    }),
  })
  .meta({ id: 'TracedDrop', description: 'The kernel freed a packet as dropped.' });

const tracedLookUp = z
  .strictObject({
    node,
    leg,
    purpose,
    table: count.meta({ description: 'Number of the table consulted.', examples: [254] }),
    device: name.meta({
      description: 'Where the route leads out; null where nothing was found.',
      examples: ['eth0', null],
    }),
    gateway: name.meta({ description: 'Null on the link.', examples: ['192.0.2.1', null] }),
    error: count.meta({
      description: '0, or the number of an error; 11 where the table has nothing.',
      examples: [0, 11],
    }),
    text: z.string().meta({ description: 'The event as the kernel wrote it.', examples: ['table 254 …'] }),
  })
  .meta({ id: 'TracedLookUp', description: 'The kernel looked in a table.' });

const tracedMark = z
  .strictObject({
    node,
    leg,
    hook: choice({
      prerouting: 'as it entered',
      input: 'for the node itself',
      forward: 'on its way through',
      output: 'made by the node',
      postrouting: 'as it left',
    }).meta({ description: 'Where its rules met it.', examples: ['prerouting'] }),
    mark: count.meta({ description: 'Its mark after them.', examples: [2] }),
    rule: name.meta({
      description: 'The rule that changed it; null where none did.',
      examples: ['meta mark set 0x2', null],
    }),
  })
  .meta({ id: 'TracedMark', description: 'The mark of a packet as it met rules.' });

export const repeat = z
  .strictObject({
    verdict: verdict.meta({ description: 'Of the flow when it was repeated.', examples: ['no-reply'] }),
    drops: z.array(tracedDrop).meta({ description: 'Where the kernel dropped.', examples: [[]] }),
    fibLookUps: z.array(tracedLookUp).meta({ description: 'Where it looked.', examples: [[]] }),
    marks: z.array(tracedMark).meta({ description: 'The mark on its way.', examples: [[]] }),
    counters: z
      .record(z.string(), counters)
      .meta({ description: 'By node, of that flow alone.', examples: [{}] }),
  })
  .meta({
    id: 'Repeat',
    description: 'The flow again, alone in a lab of its own, with what would disturb others.',
  });

export const explanation = z
  .strictObject({
    passages: z.array(passage).meta({
      description: 'Of the request in order, then of its reply.',
      examples: [[]],
    }),
    nodes: z
      .array(
        z
          .strictObject({
            node,
            rules: z.array(z.string()).meta({
              description: 'As `ip rule` prints them, of the family of the flow.',
              examples: [['0: from all lookup local', '32766: from all lookup main']],
            }),
            counters,
            neighbours: z
              .array(
                z
                  .strictObject({
                    device: z.string().meta({ description: 'By which interface.', examples: ['eth0'] }),
                    address: z.string().meta({ description: 'Whose address.', examples: ['192.0.2.1'] }),
                    mac: name.meta({
                      description: 'Its layer-2 address; null where it is not known.',
                      examples: ['02:72:70:00:00:0c', null],
                    }),
                    state: z.string().meta({ description: 'As ip-neighbour(8).', examples: ['REACHABLE'] }),
                  })
                  .describe('An entry of its neighbour table.'),
              )
              .meta({ description: 'Its neighbours.', examples: [[]] }),
          })
          .describe('What a node says of itself.'),
      )
      .meta({ description: 'The nodes on the way, as the packets reached them.', examples: [[]] }),
    lookUps: z.array(lookUp).meta({ description: 'What kernels were asked.', examples: [[]] }),
    marks: z
      .array(
        z
          .strictObject({
            node,
            stages: z.array(z.string()).meta({
              description: 'In order.',
              examples: [['0x2 set in prerouting', 'saved to the connection']],
            }),
          })
          .describe('What became of the mark at a node.'),
      )
      .meta({ description: 'Where a mark took part, or should have.', examples: [[]] }),
    repeat: repeat.nullable().meta({ description: 'Null where it was not repeated.', examples: [null] }),
    disagreements: z.array(z.string()).meta({
      description: 'Where two sources of evidence contradict one another.',
      examples: [[]],
    }),
    missing: z.array(z.string()).meta({
      description: 'What could not be gathered, and why.',
      examples: [['without root: no trace events']],
    }),
  })
  .meta({
    id: 'Explanation',
    description: 'What was decided about the packets of a flow at each node, and what that is known by.',
  });

export const suggestion = z
  .strictObject({
    text: z.string().meta({
      description: 'What to do.',
      examples: ['add a rule for 198.51.100.10'],
    }),
    commands: z
      .array(
        z
          .strictObject({
            node,
            text: z.string().meta({
              description: 'The command.',
              examples: ['ip rule add from 198.51.100.10 table rt2'],
            }),
          })
          .describe('A command, and where to type it.'),
      )
      .meta({
        description: 'Empty where it is a program that has to be bound otherwise.',
        examples: [[{ node: 'server', text: 'ip rule add from 198.51.100.10 table rt2' }]],
      }),
    verdict: verdict.meta({
      description: 'Of the flow, with it, in a fresh lab.',
      examples: ['symmetric'],
    }),
    remaining: z.array(z.string()).meta({
      description:
        'What of the flow still differs from its expectation; empty where it was as expected without.',
      examples: [[], ['verdict is asymmetric, expected symmetric']],
    }),
    changes: z
      .array(
        z
          .strictObject({
            flow: z.string().meta({
              description: 'Another flow of the step.',
              examples: ['client → server:eth0 ping IPv4'],
            }),
            from: verdict.meta({ description: 'Its verdict.', examples: ['symmetric'] }),
            to: verdict.meta({ description: 'Its verdict with it.', examples: ['asymmetric'] }),
          })
          .describe('What else changes.'),
      )
      .meta({ description: 'Other flows that have another verdict with it.', examples: [[]] }),
  })
  .meta({ id: 'Suggestion', description: 'What would change the verdict, as it was tried in a fresh lab.' });
