import t from 'tap';
import { cron } from '../../src/tools/cron.js';
import { dhclient } from '../../src/tools/dhclient.js';
import { openvpn } from '../../src/tools/openvpn.js';
import { pppHooks } from '../../src/tools/ppp-hooks.js';
import { askedOf, given } from './given.js';

t.test('dhclient is one process for each interface, in their order', async (t) => {
  const item = { ...given('dhclient', {}), interfaces: ['eth1', 'eth0'] };
  t.match(dhclient.start(item), [
    { kind: 'process', name: 'dhclient-eth1', command: /leases eth1$/, ready: [{ pattern: 'bound to ' }] },
    { kind: 'process', name: 'dhclient-eth0' },
  ]);
  t.match(dhclient.stop(item), [{ kind: 'stop', name: 'dhclient-eth1' }, { argv: /-r/ }, {}, {}]);
  t.match(dhclient.faultOf({ ...item, interfaces: [] }), { hint: /interfaces/ });
});

t.test(
  'cron is one process, which is ready once it has seen to the boot, and has to have a table',
  async (t) => {
    const item = given('cron', { '/etc/cron.d/routes': '@reboot root /etc/routes\n' });
    t.match(cron.start(item).at(-1), {
      kind: 'process',
      command: /cron -f/,
      ready: [{ command: /crond\.reboot/ }],
    });
    t.match(
      cron.restart(item).map(({ kind }) => kind),
      ['stop', 'process'],
      'another start is no boot',
    );
    t.equal(cron.faultOf(item), null);
    t.match(cron.faultOf(given('cron', { '/etc/cron.daily/routes': '' })), { hint: /crontab/ });
  },
);

t.test('openvpn is one process for each configuration', async (t) => {
  const conf = 'dev tun\nroute 10.9.0.0 255.255.0.0\nroute 10.10.0.0 255.255.0.0 192.0.2.1 # the office\n';
  const item = given('openvpn', { '/etc/openvpn/client/office.conf': conf, '/etc/openvpn/key': '' });
  t.match(openvpn.start(item), [{ name: 'openvpn-office', command: /--cd \/etc\/openvpn\/client / }]);
  t.equal(openvpn.start(item).length, 1);
  t.strictSame(askedOf(item), ['3 route 10.10.0.0/16 via 192.0.2.1']);
  t.match(openvpn.faultOf(given('openvpn', { '/etc/openvpn/key': '' })), { hint: /NAME\.conf/ });
  const addresses =
    'dev tun0\ntopology subnet\nserver 10.8.0.0 255.255.255.0\nifconfig 10.9.0.7 255.255.0.0\n';
  const addressesOf = (text: string) => askedOf(given('openvpn', { '/etc/openvpn/s.conf': text }));
  t.strictSame(addressesOf(addresses), ['3 address 10.8.0.1/24 tun0', '4 address 10.9.0.7/16 tun0']);
  t.strictSame(addressesOf(addresses.replace('tun0', 'tun')), []);
  t.strictSame(addressesOf(addresses.replace('topology subnet\n', '')), []);
});

t.test("pppd's scripts run after the link has changed, those of the folder by their names", async (t) => {
  const end = (node: string, address: string, peer: string) => ({
    ...{ node, interface: 'ppp0' },
    addresses: [{ family: 4, address, prefixLength: 32, dynamic: false, peer, label: null } as const],
  });
  const executable = ['0755', '#!/bin/sh\nip rule add from 192.0.2.10 table 7\n'] as const;
  const item = {
    ...given('ppp-hooks', {
      '/etc/ppp/ip-up.d/b': executable,
      '/etc/ppp/ip-up.d/a': executable,
      '/etc/ppp/ip-up.d/a.dpkg-old': executable,
      '/etc/ppp/ip-up.d/c': executable[1],
      '/etc/ppp/ip-down.d/a': executable,
      '/etc/ppp/ip-up': executable,
    }),
    interfaces: ['ppp0'],
    links: [[end('server', '192.0.2.10', '100.64.0.1'), end('isp1', '100.64.0.1', '192.0.2.10')]] as const,
  };
  const [, far, own, ...scripts] = pppHooks.start(item);
  t.match(far, { kind: 'elsewhere', deed: { node: 'isp1' } });
  t.match(own, { kind: 'elsewhere', deed: { node: 'server' } });
  const run = scripts.map((action) => (action.kind === 'program' ? action.argv.join(' ') : action.kind));
  t.match(
    run[0],
    /^env -i DEVICE=\S+ IFNAME=ppp0 IPLOCAL=192\.0\.2\.10 .* \/etc\/ppp\/ip-up ppp0 \S+ 115200 192\.0\.2\.10 100\.64\.0\.1 $/,
  );
  t.notMatch(run[0], /PPP_IFACE/);
  t.match(run[1], /PPP_LOCAL=192\.0\.2\.10 .* \/etc\/ppp\/ip-up\.d\/a ppp0/);
  t.match(run[2], /ip-up\.d\/b ppp0/);
  t.equal(run.length, 3);
  t.equal(askedOf(item).length, 5);
  t.match(pppHooks.stop(item).at(-1), { argv: /ip-down\.d\/a/ });
});
