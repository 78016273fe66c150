import { join } from 'node:path';
import t from 'tap';
import { complaints } from '../netns/changed.js';
import { ROOT, run } from '../netns/command.js';

t.setTimeout(300_000);

t.test("daemons of the machine's in a guest, and WireGuard in its kernel", async (t) => {
  const { report } = await run([
    join(ROOT, 'scenarios/vpn'),
    join(ROOT, 'scenarios/reports/b08-vlans-and-tunnels.yaml'),
    '--kernel',
    '6.12',
    '--grep',
    'wireguard=|bridged|b08-vlans',
  ]);
  t.strictSame(
    report.scenarios.map(({ name, status }) => [name, status]),
    [
      ['vpn/openvpn-bridged', 'passed'],
      ['vpn/wireguard [wireguard=kernel]', 'passed'],
      ['vpn/wireguard [wireguard=wireguard-go]', 'passed'],
      ['reports/b08-vlans-and-tunnels [hub=open]', 'passed'],
      ['reports/b08-vlans-and-tunnels [hub=filtering]', 'passed'],
    ],
  );
  for (const scenario of report.scenarios) t.strictSame(complaints(scenario), [], scenario.name);
});
