import t from 'tap';
import { deltasOf } from '../../src/evidence/counters.js';
import { parseAddresses, parseDevices, parseNeighbours } from '../../src/evidence/devices.js';
import { parseRoutes } from '../../src/evidence/routes.js';
import { parseRules } from '../../src/evidence/rules.js';
import { parseSysctls } from '../../src/evidence/state.js';

/** What iproute2 6.1 printed of rules with every selector. */
const RULES_JSON = `[{"priority":0,"src":"all","table":"local"},
{"priority":60,"src":"all","table":"main","suppress_prefixlen":0},{"priority":70,"src":"all","l3mdev":null},
{"priority":80,"src":"all","tos":"0x10","goto":100},
{"priority":90,"not":null,"src":"10.0.0.0","srclen":8,"action":"unreachable"},
{"priority":100,"src":"all","dst":"10.0.0.0","dstlen":8,"fwmark":"0x10","fwmask":"0xff","iif":"eth0","iif_detached":null,
"uid_start":0,"uid_end":5,"ipproto":"tcp","sport_start":10,"sport_end":20,"dport":22,"table":"201"},
{"priority":32765,"src":"198.51.100.10","table":"rt2"}]`;
const RULES_TEXT = `0:	from all lookup local
60:	from all lookup main suppress_prefixlength 0
70:	from all lookup [l3mdev-table]
80:	from all tos 0x10 goto 100
90:	not from 10.0.0.0/8 unreachable
100:	from all to 10.0.0.0/8 fwmark 0x10/0xff iif eth0 [detached] uidrange 0-5 ipproto tcp sport 10-20 dport 22 lookup 201
32765:	from 198.51.100.10 lookup rt2
`;

t.test('rules, with each selector', async (t) => {
  const rules = parseRules(4, RULES_JSON, RULES_TEXT);
  const plain = { family: 4, not: false, l3mdev: false, action: 'lookup' };
  t.strictSame(rules, [
    { ...plain, preference: 0, table: 'local', text: '0: from all lookup local' },
    {
      ...{ ...plain, preference: 60, table: 'main', suppressPrefixLength: 0 },
      text: '60: from all lookup main suppress_prefixlength 0',
    },
    { ...plain, preference: 70, l3mdev: true, text: '70: from all lookup [l3mdev-table]' },
    {
      ...plain,
      preference: 80,
      tos: '0x10',
      action: 'goto',
      goto: 100,
      text: '80: from all tos 0x10 goto 100',
    },
    {
      ...{ ...plain, preference: 90, not: true, from: '10.0.0.0/8', action: 'unreachable' },
      text: '90: not from 10.0.0.0/8 unreachable',
    },
    {
      ...{ ...plain, preference: 100, to: '10.0.0.0/8', mark: 0x10, mask: 0xff, iif: 'eth0', uids: [0, 5] },
      ...{ protocol: 6, sourcePorts: [10, 20], destinationPorts: [22, 22], table: '201' },
      text: '100: from all to 10.0.0.0/8 fwmark 0x10/0xff iif eth0 [detached] uidrange 0-5 ipproto tcp sport 10-20 dport 22 lookup 201',
    },
    {
      ...{ ...plain, preference: 32765, from: '198.51.100.10/32', table: 'rt2' },
      text: '32765: from 198.51.100.10 lookup rt2',
    },
  ]);
  t.strictSame(parseRules(6, '', ''), [], 'nothing of what is not there');
});

const ROUTES_JSON = `[{"type":"unicast","dst":"default","table":"200","protocol":"boot","scope":"global","flags":[],
"nexthops":[{"gateway":"192.0.2.5","dev":"eth0","weight":2,"flags":[]},{"gateway":"192.0.2.6","dev":"eth0","weight":1,"flags":["dead","linkdown"]}]},
{"type":"unreachable","dst":"10.9.0.0/16","table":"200","protocol":"boot","scope":"global","metric":7,"flags":[]},
{"type":"unicast","dst":"10.10.0.0/16","nhid":5,"gateway":"192.0.2.7","dev":"eth0","table":"main","protocol":"boot","scope":"global","flags":[]},
{"type":"unicast","dst":"10.11.0.0/16","via":{"family":"inet6","host":"fe80::1"},"dev":"eth0","protocol":"boot","scope":"global","flags":[]},
{"type":"local","dst":"192.0.2.2","dev":"eth0","table":"local","protocol":"kernel","scope":"host","prefsrc":"192.0.2.2","flags":[]}]`;
const ROUTES_TEXT = `default table 200 
	nexthop via 192.0.2.5 dev eth0 weight 2 
	nexthop via 192.0.2.6 dev eth0 weight 1 dead linkdown 
unreachable 10.9.0.0/16 table 200 metric 7 
10.10.0.0/16 nhid 5 via 192.0.2.7 dev eth0 
10.11.0.0/16 via inet6 fe80::1 dev eth0 
local 192.0.2.2 dev eth0 table local proto kernel scope host src 192.0.2.2 
`;

t.test('routes: multipath, refusing, by a nexthop object, by a gateway of the other family', async (t) => {
  const [multipath, refusing, object, other, local] = parseRoutes(4, ROUTES_JSON, ROUTES_TEXT);
  t.match(multipath, {
    table: '200',
    destination: '0.0.0.0/0',
    nexthops: [
      { device: 'eth0', gateway: '192.0.2.5', weight: 2, flags: [] },
      { device: 'eth0', gateway: '192.0.2.6', weight: 1, flags: ['dead', 'linkdown'] },
    ],
    text: 'default table 200 nexthop via 192.0.2.5 dev eth0 weight 2 nexthop via 192.0.2.6 dev eth0 weight 1 dead linkdown',
  });
  t.match(refusing, { type: 'unreachable', metric: 7, nexthops: [], destination: '10.9.0.0/16' });
  t.match(object, { nexthops: [{ device: 'eth0', gateway: '192.0.2.7' }], text: /nhid 5/ });
  t.match(other, { table: 'main', nexthops: [{ device: 'eth0', gateway: 'fe80::1' }] });
  t.match(local, {
    type: 'local',
    table: 'local',
    destination: '192.0.2.2/32',
    preferredSource: '192.0.2.2',
  });
  const [subtree] = parseRoutes(6, '[{"dst":"2001:db8:5::/64","from":"2001:db8:7::/64","dev":"eth0"}]', 'x');
  t.match(subtree, { source: '2001:db8:7::/64', destination: '2001:db8:5::/64' });
});

t.test('devices, addresses and neighbours', async (t) => {
  const json = `[{"ifindex":11,"ifname":"tun0","flags":["POINTOPOINT","UP","LOWER_UP"],"mtu":1400,"linkinfo":{"info_kind":"tun"},
"addr_info":[{"family":"inet","local":"10.8.0.2","address":"10.8.0.1","prefixlen":32,"scope":"global"},
{"family":"inet6","local":"fe80::2","prefixlen":64,"scope":"link"}]},
{"ifindex":12,"ifname":"eth0","flags":[],"mtu":1500,"master":"br0","address":"02:00:00:00:00:0c","addr_info":[]},
{"ifindex":13,"link":"eth0","ifname":"guests","flags":["UP"],"mtu":1500,"address":"02:00:00:00:00:0c","addr_info":[],
"linkinfo":{"info_kind":"vlan","info_data":{"protocol":"802.1Q","id":8,"flags":["REORDER_HDR"]}}}]`;
  t.strictSame(parseDevices(json), [
    {
      ...{ name: 'tun0', index: 11, flags: ['POINTOPOINT', 'UP', 'LOWER_UP'], kind: 'tun', master: null },
      ...{ mtu: 1400, mac: '', vlan: null },
    },
    {
      ...{ name: 'eth0', index: 12, flags: [], kind: '', master: 'br0' },
      ...{ mtu: 1500, mac: '02:00:00:00:00:0c', vlan: null },
    },
    {
      ...{ name: 'guests', index: 13, flags: ['UP'], kind: 'vlan', master: null },
      ...{ mtu: 1500, mac: '02:00:00:00:00:0c', vlan: { id: 8, on: 'eth0' } },
    },
  ]);
  t.strictSame(parseAddresses(json), [
    {
      ...{ device: 'tun0', family: 4, address: '10.8.0.2', prefixLength: 32, scope: 'global' },
      peer: '10.8.0.1',
    },
    { device: 'tun0', family: 6, address: 'fe80::2', prefixLength: 64, scope: 'link', peer: null },
  ]);
  t.strictSame(parseNeighbours('[{"dst":"192.0.2.9","dev":"eth0","state":["FAILED"]}]'), [
    { device: 'eth0', address: '192.0.2.9', mac: null, state: 'FAILED' },
  ]);
});

t.test('sysctls by their keys, where the name of an interface has a dot in it', async (t) => {
  const text =
    '/proc/sys/net/ipv4/conf/eth0.10/rp_filter:1\n/proc/sys/net/ipv4/ip_forward:0\ngrep: x: Permission denied\n';
  t.strictSame(
    [...parseSysctls(text)],
    [
      ['net.ipv4.conf.eth0/10.rp_filter', '1'],
      ['net.ipv4.ip_forward', '0'],
    ],
  );
});

t.test('counters that rose, of files of both forms', async (t) => {
  const snmp = (dropped: number) =>
    `Ip: InReceives OutNoRoutes\nIp: 10 ${dropped}\nTcpExt: SyncookiesSent IPReversePathFilter\nTcpExt: 0 ${dropped}\n`;
  const snmp6 = (dropped: number) => `Ip6InReceives                   4\nIp6InNoRoutes  ${dropped}\n`;
  t.strictSame(deltasOf([snmp(1), snmp6(0)], [snmp(3), snmp6(2)]), {
    IpOutNoRoutes: 2,
    TcpExtIPReversePathFilter: 2,
    Ip6InNoRoutes: 2,
  });
  t.strictSame(deltasOf([], ['']), {});
});
