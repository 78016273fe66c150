import type { LabPlan, NodePlan } from '../model/plan.js';
import { sysctlFile } from '../net/sysctl-file.js';
import { command, printf, quote, withInput } from './shell.js';

type Sysctl = readonly [key: string, value: string];

/** The commands that make the lab, in the order in which `src/build/lab.ts` does it. */
export function labCommands(plan: LabPlan): string[] {
  const { nodes, linkCommands, switchCommands, trafficCommands, lossRuleset } = plan;
  return [
    '# The nodes, and tcpdump in each before any interface is up.',
    ...nodes.map(({ name, privateFiles }) => command('node', name, ...(privateFiles ? ['own-files'] : []))),
    ...nodes.map(({ name }) => command('capture', name)),
    '',
    '# Sysctls that interfaces inherit.',
    ...nodes.flatMap(({ name, earlySysctls }) => writeSysctls(name, earlySysctls)),
    '',
    '# Links, with the numbers and layer-2 addresses of the plan. Bridges and their ports speak no IP.',
    'echo 1 >/proc/sys/net/ipv6/conf/default/disable_ipv6',
    ...linkCommands.map(linkCommand),
    ...switchCommands.map((text) => command('bridge', ...text.split(' '))),
    ...trafficCommands.map((text) => command('tc', ...text.split(' '))),
    ...(lossRuleset === null ? [] : [withInput(command('nft', '-f', '-'), lossRuleset.trimEnd())]),
    '',
    '# Addresses and routes.',
    ...nodes.flatMap(configure),
    'settle',
  ];
}

function configure({ name, deviceCommands, lateSysctls, commands }: NodePlan): string[] {
  const batch = command('on', name, 'ip', '-batch', '-');
  return [
    ...(deviceCommands.length === 0 ? [] : [withInput(batch, deviceCommands.join('\n'))]),
    ...writeSysctls(name, lateSysctls),
    withInput(batch, commands.join('\n')),
  ];
}

/** `@NODE@` stands for the node's network namespace; `ip` takes the number of a process in it. */
function linkCommand(text: string): string {
  const words = text.split(' ').map((word) => {
    const [, node] = /^@(.+)@$/.exec(word) ?? [];
    return node === undefined ? quote(word) : `"\${pid[${node}]}"`;
  });
  return `ip ${words.join(' ')}`;
}

/** The first that is refused ends it where `stopAtFailure` is set; elsewhere the next is tried. */
export function writeSysctls(
  node: string,
  settings: readonly Sysctl[],
  { stopAtFailure = true }: { stopAtFailure?: boolean } = {},
): string[] {
  if (settings.length === 0) return [];
  const lines = settings.map(([key, value]) => `${echo(value)} >${quote(sysctlFile(key))}`);
  return [withInput(command('on', node, 'bash', ...(stopAtFailure ? ['-e'] : [])), lines.join('\n'))];
}

/** As a person would type it, where echo prints the value as it is. */
function echo(value: string): string {
  if (/^[\w.][\w .:-]*$/.test(value)) return command('echo', value);
  return printf(value);
}
