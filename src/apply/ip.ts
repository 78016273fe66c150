import type { LabNode } from '../build/lab.js';
import type { IpCommand, RouteTableName } from '../model/policy.js';
import type { ScriptCommand } from '../tools/transcript.js';
import type { Outcome } from './outcome.js';

const RT_TABLES = '/etc/iproute2/rt_tables';

/** An `ip` command and the line that its failure is reported by, counted from 1. */
interface Numbered extends IpCommand {
  readonly line: number;
}

/**
 * Typed rules and routes, by one `ip -batch` for each family. The families have rules and tables of their
 * own, so that only the order within each matters.
 */
export async function applyIp(
  node: LabNode,
  commands: readonly IpCommand[],
  tables: readonly RouteTableName[],
  timeoutMs: number,
): Promise<Outcome> {
  if (tables.length > 0) {
    await node.agent.append(RT_TABLES, tables.map(({ name, number }) => `${number}\t${name}\n`).join(''));
  }
  const numbered = commands.map((command, i) => ({ ...command, line: i + 1 }));
  const outcomes = await Promise.all(
    ([4, 6] as const).map((family) => {
      const batch = numbered.filter((command) => command.family === family);
      return applyBatch(node, `-${family}`, batch, timeoutMs);
    }),
  );
  return {
    commands: outcomes.flatMap((outcome) => outcome.commands).sort((a, b) => a.line - b.line),
    timedOut: outcomes.some(({ timedOut }) => timedOut),
  };
}

async function applyBatch(
  node: LabNode,
  family: string,
  batch: readonly Numbered[],
  timeoutMs: number,
): Promise<Outcome> {
  if (batch.length === 0) return { commands: [], timedOut: false };
  const stdin = batch.map(({ text }) => `${text}\n`).join('');
  // -force goes on after a failure, as a script without `set -e` does: ip(8).
  const { stderr, exit, timedOut } = await node.agent.run(['ip', family, '-force', '-batch', '-'], {
    stdin,
    timeoutMs,
  });
  return { commands: readBatch(batch, family, stderr, exit), timedOut };
}

/** A failure is one or more lines of message and then `Command failed -:LINE`. */
function readBatch(
  batch: readonly Numbered[],
  family: string,
  stderr: string,
  exit: number,
): ScriptCommand[] {
  const parts = stderr.split(/^Command failed -:(\d+)\n?/m);
  const messages = new Map<number, string>();
  for (let i = 1; i < parts.length; i += 2) messages.set(Number(parts[i]), parts[i - 1]?.trim() ?? '');
  const reports = batch.map(({ text, line }, i): ScriptCommand => {
    const message = messages.get(i + 1);
    const failed = message !== undefined;
    return { line, text: `ip ${family} ${text}`, exit: failed ? 2 : 0, message: message ?? '', failed };
  });
  const rest = parts.at(-1)?.trim() ?? '';
  if (exit !== 0 && messages.size === 0) {
    // An argument that ip cannot read ends it there and then, and it does not say on which line.
    const [first, last] = [batch[0]?.line ?? 1, batch.at(-1)?.line ?? 1];
    const text = `ip ${family} -batch (one of lines ${first} to ${last})`;
    reports.push({ line: last, text, exit, message: rest, failed: true });
  }
  return reports;
}
