import type { FlowResult } from '../../src/model/flow-result.js';
import { onKernel, type RunEvent, type ScenarioResult } from '../../src/model/result.js';
import * as events from './events.js';

/** Release by name. */
export const KERNELS = { host: '6.18.0', '6.12': '6.12.117+deb12-amd64', '6.1': '6.1.0-50-amd64' };

type Name = keyof typeof KERNELS;

/** A scenario's result as it is on one of several kernels. */
export function on(kernelName: Name, result: ScenarioResult): ScenarioResult {
  return {
    ...result,
    ...{ name: onKernel(result.name, kernelName), kernelName, kernel: KERNELS[kernelName] },
    artifacts: result.artifacts === null ? null : onKernel(result.artifacts, kernelName),
  };
}

/** The events of a run on several kernels. */
export function runOn(names: readonly Name[], results: readonly ScenarioResult[]): readonly RunEvent[] {
  const kernels = Object.fromEntries(names.map((name) => [name, KERNELS[name]]));
  return events
    .eventsOf(results)
    .map((event) =>
      event.type === 'run-started' ? { ...event, environment: { ...event.environment, kernels } } : event,
    );
}

const [first, wrongWay] = events.failed.steps[0]?.flows ?? [];
if (first === undefined || wrongWay === undefined) throw new Error('two flows');

/** As it should be, and how the same flow is where its answer finds no next hop. */
export const symmetric: FlowResult = { ...first, probe: 'ping' };
export const filtered: FlowResult = {
  ...symmetric,
  ...{ status: 'failed', verdict: 'no-reply', sameNexthop: null, received: 0 },
  reply: { ...symmetric.reply, out: null, nexthop: null, mac: null, source: null, asAsked: null, path: [] },
  cause: { code: 'neighbour-unresolved', text: 'the next hop did not answer', evidence: [] },
  differences: ['the verdict is no-reply and not symmetric'],
};
/** The same flow by the other uplink. */
export const byOther: FlowResult = { ...wrongWay, probe: 'ping' };

/** Its first flow is `flow`, its second is the same on every kernel. */
export function scenario(name: string, flow: FlowResult): ScenarioResult {
  const failed = flow.status === 'failed';
  return events.result({
    name,
    status: failed ? 'failed' : 'passed',
    reason: failed ? { code: 'flow-not-as-expected', text: 'a flow is not as expected' } : null,
    steps: [events.step('as found', [flow, first as FlowResult])],
  });
}

export const skipped: ScenarioResult = events.result({
  name: 'dummy',
  status: 'skipped',
  reason: {
    code: 'feature-missing',
    text: 'this machine lacks what the scenario needs: dummy (Unknown device type)',
  },
});
