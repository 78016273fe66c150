import t from 'tap';
import { netifrc } from '../../src/tools/netifrc.js';
import { askedOf, given } from './given.js';

const FILE = '/etc/conf.d/net';
const NET = `# the reader's own
config_eth0="192.0.2.10 netmask 255.255.255.0 broadcast 192.0.2.255"
routes_eth0="192.0.2.0/24 dev eth0 src 192.0.2.10 table dmz
    default via 192.0.2.1 table dmz"
rules_eth0="from 192.0.2.10 table dmz"
config_eth1=( "198.51.100.10/24"
  "2001:db8:b::10/64" )
routes_eth1=( "default gw 198.51.100.1" "unreachable 10.0.0.0/8" "-net 172.16.0.0 netmask 255.240.0.0 gw 198.51.100.2" )
rules6_eth1='from 2001:db8:b::10 table 7'
metric_eth1=5
`;

const both = { ...given('netifrc', { [FILE]: NET }), interfaces: ['eth0', 'eth1'] };

/** The script that it is started or stopped by, line by line. */
function scriptOf(actions: ReturnType<typeof netifrc.start>): readonly string[] {
  const [first] = actions;
  return first?.kind === 'files' ? (first.files[0]?.text.trim().split('\n') ?? []) : [];
}

t.test('its variables ask for addresses, routes and rules', async (t) => {
  t.strictSame(askedOf(both), [
    '2 address 192.0.2.10/24 eth0',
    '3 route 192.0.2.0/24 dev eth0 src 192.0.2.10 table dmz',
    '4 route default via 192.0.2.1 table dmz',
    '5 rule from 192.0.2.10 table dmz',
    '6 address 198.51.100.10/24 eth1',
    '7 address 2001:db8:b::10/64 eth1',
    '8 route default via 198.51.100.1',
    '8 route unreachable 10.0.0.0/8',
    '8 route 172.16.0.0/12 via 198.51.100.2',
    '9 rule from 2001:db8:b::10 table 7',
  ]);
});

t.test('every route gets a device and a metric, and rules come last', async (t) => {
  const number = '$(cat /sys/class/net/eth0/ifindex)';
  t.strictSame(scriptOf(netifrc.start(both)), [
    'ip link set dev eth0 up',
    'ip address add 192.0.2.10/255.255.255.0 broadcast 192.0.2.255 dev eth0',
    `ip route append 192.0.2.0/24 dev eth0 src 192.0.2.10 table dmz metric ${number} dev eth0`,
    `ip route append default via 192.0.2.1 table dmz metric ${number} dev eth0`,
    'ip -4 rule add from 192.0.2.10 table dmz',
    'ip link set dev eth1 up',
    'ip address add 198.51.100.10/24 broadcast + dev eth1',
    'ip address add 2001:db8:b::10/64 dev eth1',
    'ip route append default via 198.51.100.1 metric 5 dev eth1',
    'ip route append unreachable 10.0.0.0/8 metric 5',
    'ip route append 172.16.0.0/12 via 198.51.100.2 metric 5 dev eth1',
    'ip -6 rule add from 2001:db8:b::10 table 7',
  ]);
});

t.test('a stop takes its rules back', async (t) => {
  t.strictSame(scriptOf(netifrc.stop({ ...both, interfaces: ['eth1'] })), [
    'ip address flush dev eth1 scope global',
    'ip link set dev eth1 down',
    'ip -6 rule del from 2001:db8:b::10 table 7',
  ]);
});

t.test('it has to be told which interfaces, and be given its file', async (t) => {
  t.match(netifrc.faultOf(given('netifrc', { [FILE]: NET })), { hint: /interfaces/ });
  t.match(netifrc.faultOf({ ...both, files: [] }), { message: /conf\.d\/net/ });
  t.equal(netifrc.faultOf(both), null);
});
