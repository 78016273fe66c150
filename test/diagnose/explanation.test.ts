import t from 'tap';
import { explanationOf } from '../../src/diagnose/explanation.js';
import { judgeStep } from '../../src/judge/judge.js';
import type { FlowEvidence, LookUp, TracedMark } from '../../src/model/evidence.js';
import { back, makeFlow, makePlan, Recording, VIA_ISP1, VIA_ISP2 } from '../judge/recording.js';
import { BY_ETH0, evidenceOf, KERNEL_RULES, route, rule, rulesWith, stateOf } from './configured.js';

const PLAN = makePlan();
const [journey] = judgeStep(PLAN, new Recording().ping(VIA_ISP2, back(VIA_ISP1)).observe(makeFlow()));
if (journey === undefined) throw new Error('no journey');
const ASTRAY = journey;

function explained(evidence: FlowEvidence) {
  return explanationOf(evidence, PLAN, []);
}

const CONFIGURED = evidenceOf(ASTRAY, stateOf(KERNEL_RULES, [BY_ETH0]));

function answer(device: string, mark = 0): LookUp {
  return {
    ...{ node: 'server', leg: 'reply', purpose: 'way', mark, command: 'ip route get 203.0.113.9' },
    answer: { kind: 'route', table: 'main', type: 'unicast', device, gateway: null, source: null },
  };
}

function traced(leg: TracedMark['leg'], hook: TracedMark['hook'], mark: number): TracedMark {
  return { node: 'server', leg, hook, mark, rule: mark === 0 ? null : 'meta mark set' };
}

function repeated(marks: readonly TracedMark[], verdict = ASTRAY.result.verdict): FlowEvidence {
  return { ...CONFIGURED, repeat: { verdict, drops: [], fibLookUps: [], marks, counters: new Map() } };
}

/** With a mark that the server's connection has kept. */
function tracked(evidence: FlowEvidence, mark: number): FlowEvidence {
  const tuple = {
    source: '203.0.113.9',
    destination: '198.51.100.10',
    sourcePort: null,
    destinationPort: null,
  };
  const connection = { node: 'server', protocol: 'icmp', state: 'REPLIED', mark, id: 1 };
  const connections = [{ ...connection, original: tuple, reply: tuple }];
  return { ...evidence, journey: { ...ASTRAY, result: { ...ASTRAY.result, connections } } };
}

function stagesOf(evidence: FlowEvidence): readonly string[] {
  return explained(evidence).marks.flatMap(({ stages }) => stages);
}

t.test('what decided at each node, where that is known', async (t) => {
  const { passages } = explained(CONFIGURED);
  const at = (leg: string, node: string) => passages.find((each) => each.leg === leg && each.node === node);
  t.strictSame(at('reply', 'server')?.decision, {
    ...{ rule: 32766, table: 'main', route: 'default via 192.0.2.1 dev eth0' },
  });
  t.equal(at('request', 'client')?.decision, null, 'nothing is known of the client');

  const refusing = rulesWith(rule(100, 'from all unreachable', { action: 'unreachable' }));
  const decisionWith = (evidence: FlowEvidence) =>
    explained(evidence).passages.find(({ leg, node }) => leg === 'reply' && node === 'server')?.decision;
  t.strictSame(decisionWith(evidenceOf(ASTRAY, stateOf(refusing, [BY_ETH0]))), {
    ...{ rule: 100, table: null, route: 'unreachable' },
  });
  t.strictSame(decisionWith(evidenceOf(ASTRAY, stateOf(KERNEL_RULES, []))), {
    ...{ rule: null, table: null, route: null },
  });
});

t.test('of a node, what has to do with the family of the flow', async (t) => {
  const other = rule(100, 'from all lookup 6', { family: 6 });
  const neighbour = { device: 'eth0', mac: null, state: 'FAILED' };
  const neighbours = ['192.0.2.1', '2001:db8:a::1'].map((address) => ({ ...neighbour, address }));
  const state = { ...stateOf(rulesWith(other), [BY_ETH0]), neighbours };
  const names = ['IpInReceives', 'IpExtInOctets', 'TcpExtTCPPureAcks', 'Ip6InReceives', 'Icmp6InMsgs'];
  const counters = Object.fromEntries(names.map((name) => [name, 1]));
  const evidence = { ...evidenceOf(ASTRAY, state), counters: new Map([['server', counters]]) };
  const server = explained(evidence).nodes.find(({ node }) => node === 'server');
  t.strictSame(Object.keys(server?.counters ?? {}), names.slice(0, 3));
  t.strictSame(
    server?.neighbours.map(({ address }) => address),
    ['192.0.2.1'],
  );
  t.notMatch(server?.rules.join(), 'lookup 6');
});

t.test('sources that contradict one another are told, and others are not', async (t) => {
  t.strictSame(explained(CONFIGURED).disagreements, []);
  t.strictSame(explained({ ...CONFIGURED, lookUps: [answer('eth0')] }).disagreements, []);
  t.match(explained({ ...CONFIGURED, lookUps: [answer('eth1')] }).disagreements, [
    /^server: ip route get .* gives eth1, and the reply left by eth0$/,
  ]);
  const one = { ...CONFIGURED, lookUps: [answer('eth1'), answer('eth0', 2)] };
  t.strictSame(explained(one).disagreements, [], 'of marks that are not known any will do');

  const other = stateOf(KERNEL_RULES, [route('default via 198.51.100.1 dev eth1')]);
  t.match(explained(evidenceOf(ASTRAY, other)).disagreements, [
    /^server: by rule 32766 → main → default via .* dev eth1, and the reply left by eth0$/,
  ]);
  t.match(explained(repeated([], 'symmetric')).disagreements, [/was symmetric and not asymmetric$/]);
});

t.test('a mark that an output chain sets counts where that routes anew', async (t) => {
  const asked = [answer('eth0'), answer('eth1', 2)];
  const set = { ...repeated([traced('reply', 'output', 2)]), lookUps: asked };
  t.strictSame(explained(set).disagreements, [], 'it left by eth0, and so was routed without');
  t.match(stagesOf(set), ['0x2 set in output', 'reply looked up with 0']);
  const anew = { ...set, lookUps: [answer('eth1'), answer('eth0', 2)] };
  t.match(stagesOf(anew), ['0x2 set in output', 'reply looked up with 0x2']);
});

t.test('the life of a mark', async (t) => {
  t.strictSame(stagesOf(repeated([traced('request', 'prerouting', 0)])), [], 'where there is none');
  const lost = repeated([traced('request', 'prerouting', 2), traced('reply', 'output', 0)]);
  t.strictSame(stagesOf(tracked(lost, 2)), [
    '0x2 set in prerouting',
    'saved to the connection',
    'not restored on the reply',
    'reply looked up with 0',
  ]);
  const kept = repeated([traced('request', 'prerouting', 2), traced('reply', 'output', 2)]);
  t.strictSame(stagesOf(tracked(kept, 2)).slice(2), ['0x2 restored in output', 'reply looked up with 0x2']);
  t.match(stagesOf(tracked(kept, 0)), ['0x2 set in prerouting', 'not saved to the connection']);
  const untraced = { ...CONFIGURED, lookUps: [answer('eth1'), answer('eth0', 2)] };
  t.strictSame(stagesOf(untraced), ['reply looked up with 0x2'], 'by where it went');
});
