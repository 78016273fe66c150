import { type AppliedPolicy, applyPolicy } from '../apply/apply.js';
import type { Lab, LabNode } from '../build/lab.js';
import { readHeld } from '../evidence/state.js';
import type { NodeDeed } from '../model/plan.js';
import { changesLinks, type ExpectedFailure, type PolicyItem } from '../model/policy.js';
import type { CommandReport, Reason } from '../model/result.js';
import type { Deed, LabEvent } from '../model/scenario.js';
import type { Configured } from '../model/tool.js';
import { endpointText } from '../model/topology.js';
import { eventCommands, isDial, type PlannedEvent } from '../plan/events.js';
import { dial } from '../tools/ppp-dial.js';
import { reasonOf, reasonOfFailure } from './reason.js';

/** What came of something that was done to a lab. */
export interface DeedEnd {
  readonly commands: readonly CommandReport[];
  /** What configuration tools made of their files. */
  readonly configured: readonly Configured[];
  /** Why it went wrong; null where it did not. */
  readonly reason: Reason | null;
}

/** Longer than any command for an event takes, even on a machine that is busy with other things. */
const EVENT_TIMEOUT_MS = 5_000;

/** As a script may take that a scenario names. */
const HOOK_TIMEOUT_MS = 30_000;

/** Applies a policy, or makes an event happen. */
export function doDeed(lab: Lab, deed: Deed): Promise<DeedEnd> {
  if ('event' in deed) return doEvent(lab, deed.event);
  const { node, items, expectedFailures, timeoutMs } = deed.apply;
  return applyItems(lab, node, items, expectedFailures, timeoutMs);
}

/** Whether it may change links or addresses, which takes effect a little later than it is done. */
export function mayChangeLinks(deed: Deed): boolean {
  return 'event' in deed || deed.apply.items.some(changesLinks);
}

/** What happens in a node is done by the same means as a policy. */
async function doEvent(lab: Lab, event: LabEvent): Promise<DeedEnd> {
  if (event.kind === 'shell') {
    return applyItems(lab, event.node, [{ kind: 'shell', script: event.script }], [], event.timeoutMs);
  }
  if (isDial(event)) return doAllOf(lab, dial(event.kind, event.ends));
  const { node, commands } = eventCommands(event, lab.plan);
  if (node !== null)
    return applyItems(lab, node, [{ kind: 'ip', commands, tables: [] }], [], EVENT_TIMEOUT_MS);
  await lab.rewire(commands.map(({ text }) => text));
  return { commands: [happened(event)], configured: [], reason: null };
}

/** One node after the other, up to the first on which something goes wrong. */
async function doAllOf(lab: Lab, deeds: readonly NodeDeed[]): Promise<DeedEnd> {
  const commands: CommandReport[] = [];
  for (const { node, items } of deeds) {
    const end = await applyItems(lab, node, items, [], HOOK_TIMEOUT_MS);
    commands.push(...end.commands);
    if (end.reason !== null) return { commands, configured: [], reason: end.reason };
  }
  return { commands, configured: [], reason: null };
}

/** Nobody types what is done outside of the nodes; so it is told as the scenario has it. */
function happened({ kind, endpoint }: PlannedEvent): CommandReport {
  const text = `${kind} ${endpointText(endpoint)}`;
  return { node: endpoint.node, line: 1, text, exit: 0, message: '', unexpected: false };
}

async function applyItems(
  lab: Lab,
  node: string,
  items: readonly PolicyItem[],
  expectedFailures: readonly ExpectedFailure[],
  timeoutMs: number,
): Promise<DeedEnd> {
  const applied = await applyPolicy(nodeOf(lab, node), items, expectedFailures, timeoutMs, readHeld);
  const { commands, configured } = applied;
  return { commands, configured, reason: reasonOfApplied(node, timeoutMs, applied) };
}

function reasonOfApplied(
  node: string,
  timeoutMs: number,
  { commands, timedOut, missing }: AppliedPolicy,
): Reason | null {
  const last = commands.at(-1);
  if (timedOut) {
    return reasonOf(
      'recipe-timeout',
      `${node}, line ${last?.line}: ${last?.text}: no end after ${timeoutMs} ms`,
    );
  }
  const failure = commands.find(({ unexpected }) => unexpected);
  if (failure) return reasonOfFailure(failure);
  const [absent] = missing;
  const where = absent?.file === undefined ? '' : `${absent.file}, `;
  return absent ? reasonOf('failure-missing', `${node}, ${where}line ${absent.line}`) : null;
}

export function nodeOf(lab: Lab, name: string): LabNode {
  const node = lab.nodes.get(name);
  if (!node) throw new Error(`the lab has no node ${name}`);
  return node;
}
