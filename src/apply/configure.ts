import type { LabNode } from '../build/lab.js';
import type { NodeDeed } from '../model/plan.js';
import type { ConfigureItem } from '../model/policy.js';
import type { Configured } from '../model/tool.js';
import { unpackedPackage } from '../system/unpacked.js';
import { compare, type Held } from '../tools/compare.js';
import type { Action, Layer, Program } from '../tools/tool.js';
import { TOOLS_BY_NAME } from '../tools/tools.js';
import type { ScriptCommand } from '../tools/transcript.js';
import { applyFiles } from './files.js';
import { applyIp } from './ip.js';
import type { Outcome } from './outcome.js';
import { applyAwait, applyProcess, applyStop } from './process.js';

/** Reads what a node has that a tool can configure; null where it does not say so in time. */
export type ReadHeld = (node: LabNode) => Promise<Held | null>;

const RT_TABLES = '/etc/iproute2/rt_tables';

/** Writes a tool's files, has it bring up what they say, and compares that with what the kernel then has. */
export async function applyConfigure(
  node: LabNode,
  item: ConfigureItem,
  timeoutMs: number,
  read: ReadHeld | null,
): Promise<Outcome> {
  node.tools.set(item.name, item);
  const written = await applyFiles(node, item.files);
  const failed = written.commands.filter((command) => command.failed);
  if (failed.length > 0) return { commands: failed, timedOut: false };
  return compared(node, item, read, () => carryOut(node, TOOLS_BY_NAME[item.tool].start(item), timeoutMs));
}

export function restartTool(
  node: LabNode,
  item: ConfigureItem,
  timeoutMs: number,
  read: ReadHeld | null,
): Promise<Outcome> {
  return compared(node, item, read, () => carryOut(node, TOOLS_BY_NAME[item.tool].restart(item), timeoutMs));
}

export function stopTool(node: LabNode, item: ConfigureItem, timeoutMs: number): Promise<Outcome> {
  return carryOut(node, TOOLS_BY_NAME[item.tool].stop(item), timeoutMs);
}

async function compared(
  node: LabNode,
  item: ConfigureItem,
  read: ReadHeld | null,
  act: () => Promise<Outcome>,
): Promise<Outcome> {
  if (read === null) return act();
  const before = await read(node);
  const outcome = await act();
  const [after, names] = [await read(node), await tableNames(node)];
  // Nothing is said of what is not known.
  if (before === null || after === null) return outcome;
  const asked = TOOLS_BY_NAME[item.tool].asked(item);
  const configured: Configured = {
    node: node.name,
    tool: item.tool,
    ...compare(asked, before, after, names),
  };
  return { ...outcome, configured };
}

/** Of route tables, by their numbers. */
async function tableNames({ agent }: LabNode): Promise<ReadonlyMap<string, string>> {
  const text = (await agent.read(RT_TABLES)) ?? '';
  return new Map(
    [...text.matchAll(/^\s*(\d+)\s+(\S+)/gm)].map(([, number = '', name = '']) => [number, name]),
  );
}

/** In order, up to the first that takes too long. */
async function carryOut(node: LabNode, actions: readonly Action[], timeoutMs: number): Promise<Outcome> {
  const commands: ScriptCommand[] = [];
  for (const action of actions) {
    const outcome = await act(node, action, timeoutMs);
    commands.push(...outcome.commands);
    if (outcome.timedOut) return { commands, timedOut: true };
  }
  return { commands, timedOut: false };
}

function act(node: LabNode, action: Action, timeoutMs: number): Promise<Outcome> {
  switch (action.kind) {
    case 'program':
      return run(node, action, timeoutMs);
    case 'elsewhere':
      return actElsewhere(node, action.deed, timeoutMs);
    case 'layer':
      return layOver(node, action);
    case 'files':
      return quietly(applyFiles(node, action.files));
    case 'process':
      return applyProcess(node, action);
    case 'stop':
      return applyStop(node, action.name);
    case 'await':
      return quietly(applyAwait(node, action));
  }
}

async function run(node: LabNode, { argv, read }: Program, timeoutMs: number): Promise<Outcome> {
  const { exit, signal, stdout, stderr, timedOut } = await node.agent.run(argv, { timeoutMs });
  const end = { exit: signal === 0 ? exit : 128 + signal, stdout, stderr };
  return { commands: read(end), timedOut };
}

/** Of what the other end of a link does only what fails is told. */
async function actElsewhere(
  { lab }: LabNode,
  { node: name, items }: NodeDeed,
  timeoutMs: number,
): Promise<Outcome> {
  const commands: ScriptCommand[] = [];
  const node = lab().get(name);
  if (node === undefined) throw new Error(`the lab has no node ${name}`);
  for (const item of items) {
    if (item.kind === 'ip')
      commands.push(...(await applyIp(node, item.commands, item.tables, timeoutMs)).commands);
    if (item.kind === 'await') commands.push(...(await applyAwait(node, item)).commands);
  }
  return { commands: commands.filter(({ failed }) => failed), timedOut: false };
}

async function layOver(node: LabNode, { package: name, program }: Layer): Promise<Outcome> {
  const folder = unpackedPackage(name, program);
  const errno = folder === null ? null : await node.agent.layOver(folder);
  if (errno === null) return { commands: [], timedOut: false };
  const message = `the package ${name}, from ${folder}, cannot be laid over /usr: ${errno}; install it, or see what \`replypath doctor\` says`;
  return { commands: [{ line: 1, text: program, exit: 126, message, failed: true }], timedOut: false };
}

/** What is only there for a tool to run is told where it fails. */
async function quietly(deed: Promise<Outcome>): Promise<Outcome> {
  const { commands, ...rest } = await deed;
  return { ...rest, commands: commands.filter(({ failed }) => failed) };
}
