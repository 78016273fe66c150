import type { Loss, Refusal } from '../model/flow-result.js';
import type { FlowPlan } from '../model/plan.js';
import type { LossReason } from '../model/verdict.js';
import type { Chain } from './chain.js';
import type { Exchange } from './exchange.js';
import { questionFor, type VainQuestion } from './neighbour.js';

/** Where an exchange came to its end before it was complete. */
export interface Stop {
  readonly leg: 'request' | 'reply';
  readonly loss: Loss;
  /** The question for a neighbour on which it got stuck, if that is why. */
  readonly question: VainQuestion | null;
}

/** Where and why a request or its reply was lost; null where nothing was. */
export function stopOf(exchange: Exchange, plan: FlowPlan, questions: readonly VainQuestion[]): Stop | null {
  const { outcome, request, reply } = exchange;
  const { from, answeredBy, address, family, probe } = plan.flow;
  if (outcome === 'send-failed' || outcome === 'wrong-source') return null;
  if (outcome === 'returned') return exchange.taken ? null : atArrival(reply, from, 'not-taken');
  if (outcome === 'refused' && (exchange.arrived || !isHostUnreachable(exchange.refusal))) return null;
  if (!exchange.arrived) {
    // An error of its own system comes to the address that the request was to leave with.
    const [error] = reply;
    const known = { source: error?.ip.destination ?? null, time: error?.frame.time ?? null };
    const origin = { node: from, family, destination: address, device: probe.bindDevice, ...known };
    const stop = stopAt('request', request, questions, origin);
    return outcome === 'refused' && stop?.question === null ? null : stop;
  }
  if (outcome === 'reply-lost') {
    const last = reply.at(-1);
    if (last?.node !== from || last.direction !== 'in') return stopAt('reply', reply, questions, null);
    return atArrival(reply, from, 'too-late');
  }
  return answeredBy === null ? null : unanswered(request, answeredBy, questions);
}

/** The error with which a node gives up a neighbour: RFC 792 type 3 code 1, RFC 4443 type 1 code 3. */
function isHostUnreachable(refusal: Refusal | null): boolean {
  if (refusal?.kind === 'icmp') return refusal.type === 3 && refusal.code === 1;
  return refusal?.kind === 'icmp6' && refusal.type === 1 && refusal.code === 3;
}

type Origin = Parameters<typeof questionFor>[1];

/** The stop of a path after its last sighting; at its origin where there is none. */
function stopAt(
  leg: Stop['leg'],
  path: Chain,
  questions: readonly VainQuestion[],
  origin: Origin | null,
): Stop | null {
  const last = path.at(-1);
  if (last?.direction === 'out') {
    return plainStop(leg, {
      node: last.node,
      interface: last.interface,
      direction: 'out',
      reason: 'on-the-link',
    });
  }
  const stuck =
    last === undefined
      ? origin
      : {
          node: last.node,
          family: last.ip.family,
          destination: last.ip.destination,
          source: last.ip.source,
          device: null,
          time: last.frame.time,
        };
  if (stuck === null) return null;
  const question = questionFor(questions, stuck);
  if (question !== null) return unresolved(leg, question);
  if (last === undefined) {
    return plainStop(leg, { node: stuck.node, interface: null, direction: 'out', reason: 'not-sent' });
  }
  return plainStop(leg, {
    node: last.node,
    interface: last.interface,
    direction: 'in',
    reason: 'not-forwarded',
  });
}

/** The answering node took the request and sent nothing: it looked for a neighbour in vain, or the packets do not tell. */
function unanswered(request: Chain, node: string, questions: readonly VainQuestion[]): Stop | null {
  const last = request.findLast((hop) => hop.node === node && hop.direction === 'in');
  if (last === undefined) return null;
  const { ip, frame } = last;
  const { source, destination } = ip;
  const stuck = {
    node,
    family: ip.family,
    destination: source,
    source: destination,
    device: null,
    time: frame.time,
  };
  const question = questionFor(questions, stuck);
  if (question !== null) return unresolved('reply', question);
  return plainStop('reply', { node, interface: last.interface, direction: 'in', reason: 'not-answered' });
}

function atArrival(reply: Chain, node: string, reason: LossReason): Stop {
  return plainStop('reply', { node, interface: reply.at(-1)?.interface ?? null, direction: 'in', reason });
}

function plainStop(leg: Stop['leg'], loss: Loss): Stop {
  return { leg, loss, question: null };
}

function unresolved(leg: Stop['leg'], question: VainQuestion): Stop {
  const { node } = question;
  return {
    leg,
    loss: { node, interface: question.interface, direction: 'out', reason: 'neighbour-unresolved' },
    question,
  };
}
