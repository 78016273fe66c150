import t from 'tap';
import { pendingLines } from '../../src/build/ready.js';

/** What `ip -o link show` and `ip -o address show tentative` of iproute2 6.1 print, shortened behind what counts. */
const LO =
  '1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 qdisc noqueue state UNKNOWN mode DEFAULT group default qlen 1000';
const UP =
  '11: eth0@if12: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc noqueue state UP mode DEFAULT group default';
const COMING = UP.replace('qdisc noqueue state UP', 'qdisc noop state DOWN');
const CUT =
  '11: eth0@if12: <NO-CARRIER,BROADCAST,MULTICAST,UP> mtu 1500 qdisc noqueue state LOWERLAYERDOWN mode DEFAULT';
const GOING = CUT.replace('LOWERLAYERDOWN', 'UP');
const OFF =
  '11: eth0@if12: <BROADCAST,MULTICAST> mtu 1500 qdisc noop state DOWN mode DEFAULT group default qlen 1000';
const TENTATIVE =
  '11: eth0    inet6 2001:db8::1/64 scope global tentative \\       valid_lft forever preferred_lft forever';

t.test('what is not in effect yet', async (t) => {
  const of = (...lines: string[]) => pendingLines([...lines, ''].join('\n'));
  for (const settled of [UP, CUT, OFF]) t.strictSame(of(LO, settled), [], settled);
  for (const moving of [COMING, GOING]) t.strictSame(of(LO, moving), [moving], moving);
  t.strictSame(of(LO, UP, TENTATIVE), [TENTATIVE]);
  t.strictSame(of(LO, CUT, TENTATIVE), [], 'without a carrier it stays so');
  t.strictSame(of(LO, UP, TENTATIVE.replace('tentative', 'dadfailed tentative')), [], 'and after a conflict');
});
