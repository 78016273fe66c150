import { z } from 'zod';
import { STOP_SIGNALS } from '../model/policy.js';
import { choice, duration, keyed, name } from './common.js';

/** How long a process may take to be ready unless it says so. */
export const DEFAULT_READY_MS = 10_000;

/** No argument and no name of a file can hold a NUL. */
const command = z.string().regex(/^[^\0]+$/, 'must be a command, without the character NUL');

/** What is a node's own, and not the machine's. */
const ownFile = z
  .string()
  .regex(
    /^\/(etc|run|var|tmp)(\/(?!\.{1,2}(\/|$))[^/\0]+)+$/,
    'must be an absolute path below /etc, /run, /var or /tmp, without . and ..',
  );

const absolute = z.string().regex(/^\/[^\0]+$/, 'must be an absolute path');

const MODES = [400, 440, 444, 600, 640, 644, 660, 664, 666, 700, 710, 711, 750, 755, 770, 775, 777] as const;

/** As ls(1) has them: `rw-r--r--`. */
function permissions(digits: number): string {
  const bits = [...String(digits)].map(Number);
  return bits.map((bit) => (bit & 4 ? 'r' : '-') + (bit & 2 ? 'w' : '-') + (bit & 1 ? 'x' : '-')).join('');
}

/** Written as chmod(1) takes them; YAML makes the number 755 of `0755`. */
const mode = z.union([
  z.literal(MODES).meta({ enumDescriptions: MODES.map(permissions) }),
  z.string().regex(/^0?[0-7]{3}$/, 'must be permissions such as 0644 or 0755'),
]);

const fileContent = z.union([
  z.string(),
  z.strictObject({
    text: z
      .string()
      .meta({ description: 'What is in the file.', examples: ['#!/bin/sh\nip route flush table 101\n'] }),
    mode: mode.optional().meta({
      description: 'Permissions, as chmod takes them; 0644 unless given.',
      examples: ['0755', '0600'],
    }),
  }),
]);

export const files = z.record(keyed('file', ownFile), fileContent).meta({
  description:
    'Files to write, with the folders that they are in: absolute paths below /etc, /run, /var or /tmp of the node.',
  examples: [
    { '/etc/dnsmasq.conf': 'port=0\ndhcp-range=192.0.2.100,192.0.2.200\n' },
    {
      '/etc/ppp/ip-up.d/routes': {
        text: '#!/bin/sh\nip route add default dev "$1" table 101\n',
        mode: '0755',
      },
    },
  ],
});

const readyKeys = {
  output: z
    .string()
    .min(1)
    .optional()
    .meta({
      description: 'A part of a line that it prints, or a regular expression between slashes.',
      examples: ['Initialization Sequence Completed', '/DHCPACK .* eth0/'],
    }),
  file: absolute.optional().meta({ description: 'A file that is there.', examples: ['/run/dnsmasq.pid'] }),
  socket: z
    .string()
    .regex(
      /^((tcp|udp)\/[1-9][0-9]{0,4}|\/[^\0]+)$/,
      'must be tcp/PORT, udp/PORT or the path of a socket, such as udp/67 or /run/x.sock',
    )
    .optional()
    .meta({
      description: 'A port that it listens on, or the path of its socket; looked up, and never connected to.',
      examples: ['tcp/53', 'udp/1194', '/run/wireguard/wg0.sock'],
    }),
  reaches: z
    .string()
    .min(1)
    .optional()
    .meta({
      description: 'An address, or node:interface, that answers a ping of the node: a packet passes.',
      examples: ['10.8.0.1', 'vpn:tun0'],
    }),
  shell: command.optional().meta({
    description: 'A command that succeeds.',
    examples: ['ip -4 address show eth0 | grep -q inet'],
  }),
};

const ready = z
  .strictObject(readyKeys)
  .meta({ id: 'Ready', description: 'When a process is ready: once all of these hold.' });

export const process = z
  .strictObject({
    name: name.meta({
      description: 'Its name on the node: for stop and restart, and of its log.',
      examples: ['openvpn'],
    }),
    command: command.meta({
      description: 'What is run by bash as root; it has to stay in the foreground.',
      examples: ['openvpn --config /etc/openvpn/server.conf'],
    }),
    ready: ready.optional().meta({
      description: 'When it is ready: once all of these hold; without it, as soon as it is started.',
      examples: [
        { output: 'Initialization Sequence Completed' },
        { socket: 'udp/67' },
        { reaches: '10.8.0.1' },
      ],
    }),
    timeout: duration.optional().meta({
      description: 'The longest that it may take to be ready; 10s unless given.',
      examples: ['30s'],
    }),
    stop: choice(STOP_SIGNALS)
      .optional()
      .meta({ description: 'The signal that ends it; TERM unless given.', examples: ['INT'] }),
    mayEnd: z
      .boolean()
      .optional()
      .meta({
        description: 'Whether it may end by itself; otherwise that fails the scenario.',
        examples: [true],
      }),
  })
  .meta({ id: 'Process', description: 'A program that goes on while flows run, until the end of the lab.' });

const { output: _, ...awaitedKeys } = readyKeys;

export const awaited = z
  .strictObject({
    ...awaitedKeys,
    timeout: duration
      .optional()
      .meta({ description: 'The longest that it may take; 10s unless given.', examples: ['30s'] }),
  })
  .meta({
    id: 'Await',
    description: 'Waits until all of these hold; what is configured next is configured then.',
  });

export type AwaitInput = z.infer<typeof awaited>;
export type FilesInput = z.infer<typeof files>;
export type ProcessInput = z.infer<typeof process>;
export type ReadyInput = z.infer<typeof ready>;
