import type { FlowResult } from '../../model/flow-result.js';
import type { ExpectedDirection } from '../../model/scenario.js';

export type Leg = 'request' | 'reply';

/** The interfaces and next hops that a flow should have had at the judged node, as far as that is known. */
export type ExpectedWay = Readonly<Record<Leg, ExpectedDirection>>;

/**
 * What the scenario says, and what follows from it: symmetric means that a reply leaves by the interface by which the
 * request came in, and comes in where the request left (CONTRACTS, "Flow, role, interfaces").
 */
export function expectedWay(flow: FlowResult): ExpectedWay {
  const { request = {}, reply = {} } = flow.expected;
  if (flow.expected.verdict !== 'symmetric' || flow.verdict === 'mixed') return { request, reply };
  const back = request.in ?? flow.request.in;
  const forth = request.out ?? flow.request.out;
  return {
    request,
    reply: {
      ...(flow.role === 'initiator' || back === null ? {} : { out: back }),
      ...(flow.role === 'responder' || forth === null ? {} : { in: forth }),
      ...reply,
    },
  };
}
