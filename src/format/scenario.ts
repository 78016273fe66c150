import { z } from 'zod';
import { FEATURES } from '../model/feature.js';
import { choice, duration, endpoint, family, keyed, name, text, when } from './common.js';
import { flow, probeSettings } from './flow.js';
import { policyKeys } from './policy.js';
import { topologyFile } from './topology.js';

const failure = z
  .strictObject({
    line: z
      .int()
      .min(1)
      .meta({ description: "Line of the recipe, or of a configuration tool's file, from 1.", examples: [3] }),
    file: z
      .string()
      .optional()
      .meta({
        description: "Which of a configuration tool's files the line is of; any unless given.",
        examples: ['/etc/network/interfaces'],
      }),
    exit: z
      .int()
      .min(1)
      .max(255)
      .optional()
      .meta({ description: 'Exit status; any but 0 unless given.', examples: [2] }),
    message: text.optional().meta({
      description: 'A part of the message, or a regular expression between slashes.',
      examples: ['File exists', '/No such (file|device)/'],
    }),
    when: when.optional(),
  })
  .meta({
    id: 'Failure',
    description: 'A failure that will happen.',
  });

const apply = z
  .strictObject({
    node: z.string().meta({ description: 'The node that is configured.', examples: ['server'] }),
    ...policyKeys,
    expect: z
      .array(failure)
      .optional()
      .meta({
        description: 'Commands that will fail; one that does not fails the scenario.',
        examples: [[{ line: 3, exit: 2, message: 'File exists' }]],
      }),
    timeout: duration
      .optional()
      .meta({ description: 'The longest that one item may take; 30s unless given.', examples: ['60s'] }),
    when: when.optional(),
  })
  .meta({
    id: 'Apply',
    description: 'Applies a policy to a node: exactly one kind of policy beside node, expect, timeout, when.',
  });

const event = z
  .strictObject({
    down: endpoint.optional().meta({ description: 'Take this interface down.', examples: ['internet:isp1'] }),
    up: endpoint.optional().meta({ description: 'Bring this interface up.', examples: ['internet:isp1'] }),
    unplug: endpoint.optional().meta({
      description:
        'The link of this interface loses its carrier at both ends, which stay up; on a segment, just this port.',
      examples: ['server:eth1'],
    }),
    plug: endpoint.optional().meta({ description: 'Undoes unplug.', examples: ['server:eth1'] }),
    silence: endpoint.optional().meta({
      description:
        'Nothing passes the link of this interface any more, and both ends keep their carrier; on a segment, just this port.',
      examples: ['isp1:wan'],
    }),
    restore: endpoint.optional().meta({ description: 'Undoes silence.', examples: ['isp1:wan'] }),
    address: z
      .strictObject({
        interface: endpoint.meta({ description: 'The interface.', examples: ['server:eth1'] }),
        remove: z
          .array(z.string())
          .optional()
          .meta({
            description: 'Addresses that it loses, with prefix length.',
            examples: [['198.51.100.10/24']],
          }),
        add: z
          .array(z.string())
          .optional()
          .meta({
            description: 'Addresses that it gets, with prefix length, once the others are gone.',
            examples: [['198.51.100.20/24']],
          }),
      })
      .optional()
      .meta({
        description: 'Change the addresses of an interface.',
        examples: [{ interface: 'server:eth1', remove: ['198.51.100.10/24'], add: ['198.51.100.20/24'] }],
      }),
    connect: endpoint.optional().meta({
      description:
        'Connect the ppp link of this interface: both ends get their addresses and come up, then /etc/ppp/ip-up of its node runs.',
      examples: ['server:ppp0'],
    }),
    disconnect: endpoint.optional().meta({
      description: 'Take the ppp link of this interface down, then run /etc/ppp/ip-down of its node.',
      examples: ['server:ppp0'],
    }),
    shell: z
      .strictObject({
        node: z.string().meta({ description: 'The node on which it runs.', examples: ['server'] }),
        script: text.meta({
          description: 'A shell script, run by bash as root.',
          examples: ['ip route replace default via 198.51.100.1 dev eth1'],
        }),
        timeout: duration
          .optional()
          .meta({ description: 'The longest that it may take; 30s unless given.', examples: ['60s'] }),
      })
      .optional()
      .meta({
        description: 'Run a script on a node.',
        examples: [{ node: 'server', script: 'ip route replace default via 198.51.100.1 dev eth1' }],
      }),
    when: when.optional(),
  })
  .meta({
    id: 'Event',
    description:
      'Something that happens: exactly one of down, up, unplug, plug, silence, restore, address, connect, disconnect or shell.',
  });

const during = z
  .strictObject({
    at: duration.meta({
      description: 'When, counted from the moment at which the flows begin.',
      examples: ['500ms', '2s'],
    }),
    event: z
      .union([event, z.array(event)])
      .optional()
      .meta({
        description: 'What happens then: one entry or a list.',
        examples: [{ unplug: 'server:eth1' }],
      }),
    apply: z
      .union([apply, z.array(apply)])
      .optional()
      .meta({
        description: 'What is configured then: one entry or a list.',
        examples: [{ node: 'server', shell: 'ip route del default dev eth0' }],
      }),
    when: when.optional(),
  })
  .meta({
    id: 'During',
    description: 'Something that is done while flows run: exactly one of event and apply.',
  });

const step = z
  .strictObject({
    title: text.optional().meta({ description: 'What the step shows.', examples: ['as found'] }),
    fresh: z
      .boolean()
      .optional()
      .meta({
        description: 'Start from a new lab instead of the state that the step before left.',
        examples: [true],
      }),
    when: when.optional(),
    apply: z
      .union([apply, z.array(apply)])
      .optional()
      .meta({
        description: 'What is configured first: one entry or a list.',
        examples: [
          { node: 'server', policy: 'split-access' },
          { node: 'server', shell: 'ip rule add from 198.51.100.10 table 101' },
          [
            { node: 'server', policy: 'split-access' },
            { node: 'isp1', sysctl: { 'net.ipv4.conf.all.rp_filter': 1 } },
          ],
        ],
      }),
    event: z
      .union([event, z.array(event)])
      .optional()
      .meta({
        description: 'What happens then: one entry or a list.',
        examples: [{ down: 'internet:isp1' }, [{ down: 'internet:isp1' }, { up: 'internet:isp1' }]],
      }),
    flows: z
      .array(flow)
      .optional()
      .meta({
        description: 'What is sent then, all at the same time.',
        examples: [
          [
            { from: 'client', to: 'server:eth1', probe: 'ping', expect: 'symmetric' },
            { from: 'client', to: 'server:eth1', probe: 'tcp/22', expect: 'symmetric' },
            {
              from: 'client',
              to: 'server:eth1',
              probe: 'ping',
              expect: { verdict: 'asymmetric', request: { in: 'eth1' }, reply: { out: 'eth0' } },
            },
          ],
        ],
      }),
    during: z
      .array(during)
      .optional()
      .meta({
        description: 'What happens while the flows run, of which one has to be a stream.',
        examples: [[{ at: '500ms', event: { unplug: 'server:eth1' } }]],
      }),
  })
  .meta({
    id: 'Step',
    description: 'Apply, then events, then flows.',
  });

const tool = z
  .strictObject({
    tool: z
      .string()
      .regex(/^[A-Za-z0-9][\w.+-]*$/, 'must be the name of a program, without a path')
      .meta({ description: 'Name of the program.', examples: ['wg', 'nft'] }),
    version: z
      .string()
      .regex(/^>= *\d+(\.\d+)*$/, "must be '>=' and the oldest version that will do, such as '>=1.0.6'")
      .optional()
      .meta({ description: 'The oldest version that will do; any unless given.', examples: ['>=1.0.6'] }),
  })
  .meta({ id: 'Tool', description: 'A program that has to be installed.' });

export const findingStatus = choice({
  confirmed: 'the kernel does what the source says',
  refined: 'it does, but there is more to say',
  refuted: 'the kernel does something else',
  unresolved: 'the lab cannot decide it',
});

export const scenarioFile = z
  .strictObject({
    title: text.meta({
      description: 'What the scenario shows.',
      examples: ['The reply to what comes in by eth1 leaves by eth0'],
    }),
    source: z
      .strictObject({
        document: text.meta({
          description: 'Short name of the document.',
          examples: ['linux-policy-routing'],
        }),
        comment: z
          .int()
          .min(1)
          .optional()
          .meta({ description: "Number of the reader's comment, where it is one.", examples: [11] }),
      })
      .optional()
      .meta({
        description: 'Where the setup comes from.',
        examples: [{ document: 'linux-policy-routing', comment: 11 }],
      }),
    claim: text.optional().meta({
      description: 'What the source says.',
      examples: ['Traffic that arrives on eth1 is answered on eth0.'],
    }),
    finding: z
      .union([
        findingStatus,
        z.strictObject({
          status: findingStatus.meta({
            description: 'Whether the claim holds.',
            examples: ['refined'],
          }),
          text: text.optional().meta({
            description: 'What the kernel does, where it differs from the claim or adds to it.',
            examples: ['Only for TCP: a UDP server on the wildcard address answers from the other one.'],
          }),
        }),
      ])
      .optional()
      .meta({
        description: 'What the kernel does about the claim.',
        examples: ['confirmed', { status: 'refined', text: 'Only for TCP.' }],
      }),
    lesson: text.optional().meta({
      description: 'What the reader should learn, in two sentences.',
      examples: ['A rule selects a table by the source address. A reply has one before it is routed.'],
    }),
    tags: z
      .array(text)
      .optional()
      .meta({ description: 'Words to select scenarios by.', examples: [['failover', 'ipv6']] }),
    requires: z
      .array(z.union([choice({ ...FEATURES, root: 'not as an ordinary user' }), tool]))
      .optional()
      .meta({
        description:
          'Features, by the names that `replypath doctor` has for them, root, and tools: where the machine lacks one, the scenario is skipped.',
        examples: [
          ['nftables', 'tun'],
          ['vlan', 'root', { tool: 'wg' }, { tool: 'nft', version: '>=1.0.6' }],
        ],
      }),
    family: family.optional().meta({
      description: 'Only flows of this family; normally a matrix key instead.',
      examples: [4],
    }),
    topology: z.union([z.string(), topologyFile]).meta({
      description:
        'Name of a file in lab/topologies, a path from this file that begins with ./ or ../, or a topology.',
      examples: [
        'dual-isp',
        'triple-isp',
        'shared-subnet',
        './office.yaml',
        { extends: 'dual-isp', params: { isp: 'bcp38' } },
      ],
    }),
    defaults: z
      .strictObject(probeSettings)
      .optional()
      .meta({
        description: 'Settings of probes that do not say otherwise.',
        examples: [{ timeout: '300ms' }],
      }),
    matrix: z
      .record(keyed('key', name), z.array(z.union([z.string(), z.number()])).min(1))
      .optional()
      .meta({
        description: 'Values by key; the scenario runs once for each combination.',
        examples: [{ family: [4, 6] }, { isp: ['open', 'bcp38'], family: [4, 6] }],
      }),
    steps: z
      .array(step)
      .min(1)
      .meta({
        description: 'In the same lab, in order.',
        examples: [
          [
            {
              title: 'as found',
              flows: [{ from: 'client', to: 'server:eth1', probe: 'ping', expect: 'asymmetric' }],
            },
            {
              title: 'with a table for eth1',
              apply: { node: 'server', policy: 'split-access' },
              flows: [{ from: 'client', to: 'server:eth1', probe: 'ping', expect: 'symmetric' }],
            },
          ],
        ],
      }),
  })
  .meta({ description: 'A scenario: a network, what is done to it, and what its flows should do.' });

export type ScenarioInput = z.infer<typeof scenarioFile>;
export type StepInput = z.infer<typeof step>;
export type ApplyInput = z.infer<typeof apply>;
export type EventInput = z.infer<typeof event>;
export type DuringInput = z.infer<typeof during>;
