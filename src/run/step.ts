import { applyPolicy } from '../apply/apply.js';
import type { Lab, LabNode } from '../build/lab.js';
import { judgeStep } from '../judge/judge.js';
import type { FlowPlan } from '../model/plan.js';
import type { ExpectedFailure, PolicyItem } from '../model/policy.js';
import type { CommandReport, Reason, StepOutcome } from '../model/result.js';
import type { LabEvent, Step } from '../model/scenario.js';
import { probeStep } from '../probe/probe.js';
import { reasonOf, reasonOfFailure, reasonOfFlows } from './reason.js';

export interface StepEnd {
  readonly outcome: StepOutcome;
  /** Null where all is as expected. */
  readonly reason: Reason | null;
  /** Whether the lab is in a state in which the next steps mean something. */
  readonly goOn: boolean;
}

/** One step in a running lab: apply, events, then flows. */
export async function runStep(lab: Lab, step: Step, flows: readonly FlowPlan[]): Promise<StepEnd> {
  const commands: CommandReport[] = [];
  const deeds: Deed[] = [
    ...step.applies.map(({ node, items, expectedFailures, timeoutMs }) => ({
      node,
      items,
      expectedFailures,
      timeoutMs,
      mayChangeLinks: items.some(({ kind }) => kind === 'shell' || kind === 'sysctl'),
    })),
    ...step.events.map(deedOf),
  ];
  for (const deed of deeds) {
    const applied = await applyPolicy(
      nodeOf(lab, deed.node),
      deed.items,
      deed.expectedFailures,
      deed.timeoutMs,
    );
    commands.push(...applied.commands);
    const reason = reasonOfDeed(deed, applied);
    if (reason) return { outcome: { title: step.title, commands, flows: [] }, reason, goOn: false };
  }
  if (deeds.some(({ mayChangeLinks }) => mayChangeLinks)) await lab.settle();
  const verdicts = flows.length === 0 ? [] : judgeStep(lab.plan, await probeStep(lab, flows));
  return {
    outcome: { title: step.title, commands, flows: verdicts },
    reason: reasonOfFlows(verdicts),
    goOn: true,
  };
}

/** Something that is done to a node. */
interface Deed {
  readonly node: string;
  readonly items: readonly PolicyItem[];
  readonly expectedFailures: readonly ExpectedFailure[];
  readonly timeoutMs: number;
  /** Whether it may change links or addresses, which takes effect a little later than it is done. */
  readonly mayChangeLinks: boolean;
}

const LINK_TIMEOUT_MS = 5_000;

/** An event is done by the same means as a policy. */
function deedOf(event: LabEvent): Deed {
  if (event.kind === 'shell') {
    const { node, script, timeoutMs } = event;
    const items: PolicyItem[] = [{ kind: 'shell', script }];
    return { node, items, expectedFailures: [], timeoutMs, mayChangeLinks: true };
  }
  const { node, interface: name } = event.endpoint;
  const text = `link set dev ${name} ${event.kind === 'link-up' ? 'up' : 'down'}`;
  const item: PolicyItem = { kind: 'ip', commands: [{ family: 4, text }], tables: [] };
  return { node, items: [item], expectedFailures: [], timeoutMs: LINK_TIMEOUT_MS, mayChangeLinks: true };
}

function reasonOfDeed(
  deed: Deed,
  { commands, timedOut, missing }: Awaited<ReturnType<typeof applyPolicy>>,
): Reason | null {
  const last = commands.at(-1);
  if (timedOut) {
    return reasonOf(
      'recipe-timeout',
      `${deed.node}, line ${last?.line}: ${last?.text}: no end after ${deed.timeoutMs} ms`,
    );
  }
  const failure = commands.find(({ unexpected }) => unexpected);
  if (failure) return reasonOfFailure(failure);
  const [absent] = missing;
  return absent ? reasonOf('failure-missing', `${deed.node}, line ${absent.line}`) : null;
}

export function nodeOf(lab: Lab, name: string): LabNode {
  const node = lab.nodes.get(name);
  if (!node) throw new Error(`the lab has no node ${name}`);
  return node;
}
