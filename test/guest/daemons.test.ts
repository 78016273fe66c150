import { join } from 'node:path';
import t from 'tap';
import { complaints } from '../netns/changed.js';
import { ROOT, run } from '../netns/command.js';

t.setTimeout(300_000);

t.test("daemons of the machine's in a guest, and WireGuard in its kernel", async (t) => {
  const { report } = await run([
    join(ROOT, 'scenarios/vpn'),
    '--kernel',
    '6.12',
    '--grep',
    'wireguard=|bridged',
  ]);
  t.strictSame(
    report.scenarios.map(({ name, status }) => [name, status]),
    [
      ['vpn/openvpn-bridged', 'passed'],
      ['vpn/wireguard [wireguard=kernel]', 'passed'],
      ['vpn/wireguard [wireguard=wireguard-go]', 'passed'],
    ],
  );
  for (const scenario of report.scenarios) t.strictSame(complaints(scenario), [], scenario.name);
});
