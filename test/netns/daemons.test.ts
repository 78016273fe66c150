import t from 'tap';
import { inAllManners } from './manners.js';

t.setTimeout(300_000);

t.test('OpenVPN, WireGuard, dnsmasq and dhclient of the machine in nodes', async (t) => {
  // WireGuard in the kernel is for test/guest/daemons.test.ts.
  const options = ['--workers', '2'];
  const scenarios = await inAllManners(t, {
    paths: ['scenarios/dhcp', 'scenarios/ipv6', 'scenarios/vpn'],
    allVariants: true,
    selection: ['--grep-invert', 'wireguard=kernel'],
    options,
  });

  t.test('what goes through a tunnel is seen within and without', async (t) => {
    const flows = scenarios
      .filter(({ id }) => id.includes('/vpn/'))
      .flatMap(({ steps }) => steps.flatMap((step) => step.flows));
    const inner = flows.filter(
      ({ verdict, request }) => verdict === 'symmetric' && /^(tun|tap|wg)/.test(request.out ?? ''),
    );
    t.not(inner.length, 0);
    for (const { from, to, request } of inner) {
      const interfaces = request.path.map((hop) => `${hop.node}:${hop.interface}`);
      const isCarried = interfaces.includes('server:eth0') || interfaces.includes('server:eth1');
      t.ok(isCarried, `${from} to ${to}: ${interfaces}`);
    }
  });
});
