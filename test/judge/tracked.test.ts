import t from 'tap';
import type { Connection } from '../../src/model/connection.js';
import { flowResults } from './flow-results.js';
import { back, CLIENT, ETH1, makeFlow, makeIp, makePlan, Recording, udp, VIA_ISP2 } from './recording.js';

const WEB = '10.0.0.80';
const BEYOND = `${VIA_ISP2} server:eth2 web:eth0`;

function connection(node: string, change: Partial<Connection> = {}): Connection {
  return {
    node,
    protocol: 'udp',
    state: 'REPLIED',
    mark: 1,
    id: null,
    original: { source: CLIENT, destination: ETH1, sourcePort: 40_000, destinationPort: 22 },
    reply: { source: ETH1, destination: CLIENT, sourcePort: 22, destinationPort: 40_000 },
    ...change,
  };
}

const translated = connection('server', {
  reply: { source: WEB, destination: CLIENT, sourcePort: 22, destinationPort: 40_000 },
});

function tracked(connections: readonly Connection[]) {
  const request = makeIp(CLIENT, ETH1, udp('q'));
  const recording = new Recording()
    .packet(BEYOND, request, { 'server:eth2': { destination: WEB } })
    .packet(back(BEYOND), makeIp(WEB, CLIENT, udp('r')), { 'server:eth1': { source: ETH1 } });
  const flow = makeFlow({ answeredBy: 'web', probe: { protocol: 'udp' } });
  const [result] = flowResults(makePlan(), { ...recording.observe(flow), connections });
  return result?.connections;
}

t.test('an entry is known by what came in, in the order of the way', async (t) => {
  const isp2 = connection('isp2');
  t.strictSame(tracked([translated, isp2]), [isp2, translated]);
});

t.test('and by what went out: the node translated what it made itself', async (t) => {
  const own = connection('server', {
    original: { source: CLIENT, destination: '192.0.2.1', sourcePort: 40_000, destinationPort: 9 },
    reply: { source: WEB, destination: CLIENT, sourcePort: 22, destinationPort: 40_000 },
  });
  t.strictSame(tracked([own]), [own]);
});

t.test('what is of another node, flow or protocol is none', async (t) => {
  const port = { source: CLIENT, destination: ETH1, sourcePort: 40_001, destinationPort: 22 };
  const others = [
    connection('isp1'),
    connection('server', { protocol: 'tcp' }),
    connection('isp2', { original: port, reply: { ...port, source: ETH1, destination: CLIENT } }),
  ];
  t.strictSame(tracked(others), []);
});
