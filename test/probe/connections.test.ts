import t from 'tap';
import { parseConnections } from '../../src/probe/connections.js';

/** As Linux 6.18 wrote them. */
const TEXT = `ipv4     2 icmp     1 29 src=127.0.0.1 dst=127.0.0.1 type=8 code=0 id=29105 src=127.0.0.1 dst=127.0.0.1 type=0 code=0 id=29105 mark=5 zone=0 use=2
ipv4     2 tcp      6 117 TIME_WAIT src=203.0.113.9 dst=198.51.100.10 sport=20000 dport=80 src=10.0.0.20 dst=203.0.113.9 sport=80 dport=20000 [ASSURED] mark=0 zone=0 use=2
ipv6     10 udp      17 27 src=2001:0db8:0010:0000:0000:0000:0000:0020 dst=2001:0db8:000c:0000:0000:0000:0000:0009 sport=20001 dport=5000 [UNREPLIED] src=2001:0db8:000c:0000:0000:0000:0000:0009 dst=2001:0db8:0010:0000:0000:0000:0000:0020 sport=5000 dport=20001 zone=0 use=2
ipv4     2 udp      17 29 src=10.0.0.20 dst=203.0.113.9 sport=20002 dport=53 src=203.0.113.9 dst=192.0.2.10 sport=53 dport=1024 mark=0 zone=0 use=2
ipv4     2 unknown  99 29 src=nonsense dst=203.0.113.9 src=203.0.113.9 dst=10.0.0.20 zone=0 use=2
`;

t.test('entries as the kernel writes them', async (t) => {
  const [icmp, tcp, udp, translated, ...more] = parseConnections('router', TEXT);
  t.strictSame(more, [], 'what is no address is left out');
  t.match(icmp, { node: 'router', protocol: 'icmp', state: 'REPLIED', mark: 5, id: 29105 });
  t.match(icmp?.original, { source: '127.0.0.1', sourcePort: null, destinationPort: null });
  t.match(tcp, { protocol: 'tcp', state: 'TIME_WAIT', mark: 0, id: null });
  t.strictSame(tcp?.reply, {
    source: '10.0.0.20',
    destination: '203.0.113.9',
    sourcePort: 80,
    destinationPort: 20_000,
  });
  t.match(udp, {
    state: 'UNREPLIED',
    mark: null,
    original: { source: '2001:db8:10::20', sourcePort: 20_001 },
  });
  t.match(translated, { state: 'REPLIED', reply: { destination: '192.0.2.10', destinationPort: 1024 } });
});

t.test('nothing tracked', async (t) => {
  t.strictSame(parseConnections('router', ''), []);
});
