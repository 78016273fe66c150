import { z } from 'zod';
import { TOOLS } from '../model/tool.js';
import { choice, name } from './common.js';
import { files } from './process.js';

export const configure = z
  .strictObject({
    tool: choice(TOOLS).meta({ description: 'Which tool.', examples: ['ifupdown', 'script'] }),
    name: name.optional().meta({
      description: "Its name on the node, for stop and restart; the tool's unless given.",
      examples: ['networking'],
    }),
    interfaces: z
      .array(z.string().min(1))
      .min(1)
      .optional()
      .meta({
        description: 'What it is to bring up; all that its files say unless given.',
        examples: [['eth0', 'eth1']],
      }),
    files: files.meta({
      description: 'Its files, which are written first.',
      examples: [
        {
          '/etc/network/interfaces':
            'auto eth1\niface eth1 inet static\n    address 198.51.100.10/24\n    post-up ip rule add from 198.51.100.10 table 101\n',
        },
      ],
    }),
  })
  .meta({
    id: 'Configure',
    description:
      'Has a configuration tool do what its files say, and compares that with what the kernel then has.',
  });

export type ConfigureInput = z.infer<typeof configure>;
