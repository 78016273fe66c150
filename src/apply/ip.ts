import type { LabNode } from '../build/lab.js';
import type { IpCommand, RouteTableName } from '../model/policy.js';
import type { Outcome } from './outcome.js';
import type { ScriptCommand } from './transcript.js';

const RT_TABLES = '/etc/iproute2/rt_tables';

/** Typed rules and routes, in order, by as few `ip -batch` as the change of families allows. */
export async function applyIp(
  node: LabNode,
  commands: readonly IpCommand[],
  tables: readonly RouteTableName[],
  timeoutMs: number,
): Promise<Outcome> {
  if (tables.length > 0) {
    await node.agent.append(RT_TABLES, tables.map(({ name, number }) => `${number}\t${name}\n`).join(''));
  }
  const reports: ScriptCommand[] = [];
  for (const batch of batches(commands)) {
    const family = `-${batch[0]?.family}`;
    const stdin = batch.map(({ text }) => `${text}\n`).join('');
    // -force goes on after a failure, as a script without `set -e` does: ip(8).
    const result = await node.agent.run(['ip', family, '-force', '-batch', '-'], { stdin, timeoutMs });
    reports.push(...readBatch(batch, family, reports.length, result.stderr, result.exit));
    if (result.timedOut) return { commands: reports, timedOut: true };
  }
  return { commands: reports, timedOut: false };
}

function batches(commands: readonly IpCommand[]): IpCommand[][] {
  const all: IpCommand[][] = [];
  for (const command of commands) {
    const last = all.at(-1);
    if (last?.[0]?.family === command.family) last.push(command);
    else all.push([command]);
  }
  return all;
}

/** A failure is one or more lines of message and then `Command failed -:LINE`. */
function readBatch(
  batch: readonly IpCommand[],
  family: string,
  offset: number,
  stderr: string,
  exit: number,
): ScriptCommand[] {
  const parts = stderr.split(/^Command failed -:(\d+)\n?/m);
  const messages = new Map<number, string>();
  for (let i = 1; i < parts.length; i += 2) messages.set(Number(parts[i]), parts[i - 1]?.trim() ?? '');
  const reports = batch.map(({ text }, i): ScriptCommand => {
    const message = messages.get(i + 1);
    const failed = message !== undefined;
    return {
      line: offset + i + 1,
      text: `ip ${family} ${text}`,
      exit: failed ? 2 : 0,
      message: message ?? '',
      failed,
    };
  });
  const rest = parts.at(-1)?.trim() ?? '';
  if (exit !== 0 && messages.size === 0) {
    // An argument that ip cannot read ends it there and then, and it does not say on which line.
    const text = `ip ${family} -batch (one of lines ${offset + 1} to ${offset + batch.length})`;
    reports.push({ line: offset + batch.length, text, exit, message: rest, failed: true });
  }
  return reports;
}
