import t from 'tap';
import { ifupdown } from '../../src/tools/ifupdown.js';
import { readVerbose } from '../../src/tools/ifupdown-output.js';
import { askedOf, given } from './given.js';

const FILE = '/etc/network/interfaces';
const INTERFACES = `# two providers
auto eth0 eth1
iface eth0 inet static
    address 192.0.2.10
    netmask 255.255.255.0
    gateway 192.0.2.1

iface eth1 inet static
    address 198.51.100.10/24
    post-up ip route add default via 198.51.100.1 \\
        dev eth1 table rt2
    post-up ip rule add from 198.51.100.10/32 table rt2
    pre-down ip rule del from 198.51.100.10/32 table rt2
iface eth1 inet6 static
    address 2001:db8:b::10/64
iface eth2 inet dhcp
    up ip rule add from $ADDRESS table rt3
`;

t.test('its stanzas ask for addresses, gateways and the commands of their up lines', async (t) => {
  t.strictSame(askedOf(given('ifupdown', { [FILE]: INTERFACES })), [
    '4 address 192.0.2.10/24 eth0',
    '6 route default via 192.0.2.1 dev eth0',
    '9 address 198.51.100.10/24 eth1',
    '10 route default via 198.51.100.1 dev eth1 table rt2',
    '12 rule from 198.51.100.10/32 table rt2',
    '15 address 2001:db8:b::10/64 eth1',
  ]);
});

t.test('it needs its file', async (t) => {
  t.match(ifupdown.faultOf(given('ifupdown', { '/etc/network/other': '' })), { message: /interfaces$/ });
  t.equal(ifupdown.faultOf(given('ifupdown', { [FILE]: '' })), null);
});

t.test('what it prints is told command by command, by the lines that have it run them', async (t) => {
  const { files } = given('ifupdown', { [FILE]: INTERFACES });
  const stderr = `
ifup: configuring interface eth1=eth1 (inet)
run-parts --exit-on-error --verbose /etc/network/if-pre-up.d
ip addr add 198.51.100.10/255.255.255.0 broadcast 198.51.100.255 \t  dev eth1 label eth1
ip link set dev eth1   up
ip route add default via 198.51.100.1 dev eth1 table rt2
RTNETLINK answers: File exists
ifup: failed to bring up eth1
`;
  const told = readVerbose('ifup', ['-a'], { exit: 1, stdout: '', stderr }, files);
  t.match(told, [
    { text: 'ifup -a', exit: 1, failed: false },
    { file: FILE, line: 9, text: /addr add/, failed: false },
    { line: 8, text: 'ip link set dev eth1 up' },
    { line: 10, text: /table rt2/, exit: 1, failed: true, message: 'RTNETLINK answers: File exists' },
  ]);
  t.equal(told.length, 4);
});

t.test('what it says of the file itself is its own failure', async (t) => {
  const stderr = `ifup: ${FILE}:3: option with empty value\nifup: couldn't read interfaces file "${FILE}"\n`;
  const told = readVerbose('ifup', ['-a'], { exit: 1, stdout: '', stderr }, []);
  t.match(told, [{ file: FILE, line: 3, text: 'ifup -a', exit: 1, failed: true, message: /empty value/ }]);
  const unknown = readVerbose(
    'ifup',
    ['eth7'],
    { exit: 1, stdout: '', stderr: 'ifup: unknown interface eth7\n' },
    [],
  );
  t.match(unknown, [{ text: 'ifup eth7', failed: true, message: /unknown interface/ }]);
});
