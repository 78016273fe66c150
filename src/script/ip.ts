import type { PolicyItem } from '../model/policy.js';
import { command, printf, withInput } from './shell.js';

export function ipCommands(
  node: string,
  { tables, commands }: Extract<PolicyItem, { kind: 'ip' }>,
): string[] {
  const lines = tables.map(({ name, number }) => `${number}\t${name}\n`).join('');
  const names =
    tables.length === 0
      ? []
      : [`${printf(lines)} | ${command('on', node, 'tee', '-a', '/etc/iproute2/rt_tables')} >/dev/null`];
  const batches = ([4, 6] as const).flatMap((family) => {
    const batch = commands.filter((each) => each.family === family);
    if (batch.length === 0) return [];
    const line = command('on', node, 'ip', `-${family}`, '-force', '-batch', '-');
    return [withInput(line, batch.map(({ text }) => text).join('\n'))];
  });
  return [...names, ...batches];
}
