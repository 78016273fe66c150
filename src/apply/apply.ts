import type { LabNode } from '../build/lab.js';
import type { ExpectedFailure, PolicyItem } from '../model/policy.js';
import type { CommandReport } from '../model/result.js';
import type { Configured } from '../model/tool.js';
import type { ScriptCommand } from '../tools/transcript.js';
import { applyConfigure, type ReadHeld, restartTool, stopTool } from './configure.js';
import { applyFiles } from './files.js';
import { applyIp } from './ip.js';
import type { Outcome } from './outcome.js';
import { applyAwait, applyProcess, applyRestart, applyStop } from './process.js';
import { applyIptables, applyNft } from './ruleset.js';
import { applyShell } from './shell.js';
import { applySysctls } from './sysctl.js';

export interface AppliedPolicy {
  readonly commands: readonly CommandReport[];
  readonly timedOut: boolean;
  /** What configuration tools made of their files, in order. */
  readonly configured: readonly Configured[];
  /** Failures that the scenario expects and that did not happen. */
  readonly missing: readonly ExpectedFailure[];
}

/**
 * Applies the items in order; a failure does not keep the next from being tried, a timeout does.
 *
 * @param read by which what a configuration tool did is compared with its files; null where nobody asks.
 */
export async function applyPolicy(
  node: LabNode,
  items: readonly PolicyItem[],
  expectedFailures: readonly ExpectedFailure[],
  timeoutMs: number,
  read: ReadHeld | null = null,
): Promise<AppliedPolicy> {
  const commands: ScriptCommand[] = [];
  const configured: Configured[] = [];
  let timedOut = false;
  for (const item of items) {
    const outcome = await applyItem(node, item, timeoutMs, read);
    commands.push(...outcome.commands);
    if (outcome.configured !== undefined) configured.push(outcome.configured);
    timedOut = outcome.timedOut;
    if (timedOut) break;
  }
  const failures = commands.filter(({ failed }) => failed);
  const missing = expectedFailures.filter(
    (expected) => !failures.some((failure) => matches(failure, expected)),
  );
  const isExpected = (failure: ScriptCommand) =>
    expectedFailures.some((expected) => matches(failure, expected));
  return {
    commands: commands.map((command) => ({
      node: node.name,
      line: command.line,
      ...(command.file === undefined ? {} : { file: command.file }),
      text: command.text,
      exit: command.exit,
      message: command.message,
      unexpected: command.failed && !isExpected(command),
    })),
    timedOut,
    configured,
    missing,
  };
}

function applyItem(
  node: LabNode,
  item: PolicyItem,
  timeoutMs: number,
  read: ReadHeld | null,
): Promise<Outcome> {
  switch (item.kind) {
    case 'shell':
      return applyShell(node, item.script, timeoutMs);
    case 'ip':
      return applyIp(node, item.commands, item.tables, timeoutMs);
    case 'sysctl':
      return applySysctls(node, item.settings);
    case 'nft':
      return applyNft(node, item.ruleset, timeoutMs);
    case 'iptables':
      return applyIptables(node, item.family, item.ruleset, timeoutMs);
    case 'files':
      return applyFiles(node, item.files);
    case 'process':
      return applyProcess(node, item);
    case 'configure':
      return applyConfigure(node, item, timeoutMs, read);
    case 'stop': {
      const tool = node.tools.get(item.name);
      return tool === undefined ? applyStop(node, item.name) : stopTool(node, tool, timeoutMs);
    }
    case 'restart': {
      const tool = node.tools.get(item.name);
      return tool === undefined ? applyRestart(node, item.name) : restartTool(node, tool, timeoutMs, read);
    }
    case 'await':
      return applyAwait(node, item);
  }
}

function matches(failure: ScriptCommand, { line, file, exit, message }: ExpectedFailure): boolean {
  if (failure.line !== line || (file !== undefined && failure.file !== file)) return false;
  if (exit !== null && failure.exit !== exit) return false;
  if (message === null) return true;
  return typeof message === 'string' ? failure.message.includes(message) : message.test(failure.message);
}
