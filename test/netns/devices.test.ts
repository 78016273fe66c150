import { join } from 'node:path';
import t from 'tap';
import { FOLDER, pathText, run, stepOf } from './command.js';

for (const method of ['agent', 'tcpdump'] as const) {
  t.test(
    `devices that a recipe makes are hops by their names, where they speak IP (${method})`,
    async (t) => {
      const { code, scenario } = await run([join(FOLDER, 'devices'), '--capture', method]);
      const paths = (name: string, step: string) =>
        stepOf(scenario(name), step).flows.map(({ request, reply }) => [pathText(request), pathText(reply)]);

      const there = 'client:eth0> >router:left router:right>';
      const back = '>router:right router:left> >client:eth0';
      const byBridge = [`${there} >server:vmbr0`, `server:vmbr0> ${back}`];
      t.same(paths('bridge', 'step 1'), [byBridge, byBridge, byBridge], 'not at a port of a bridge');
      t.same(
        paths('switch', 'step 1'),
        [['client:eth0> >server:eth0', 'server:eth0> >client:eth0']],
        'nor on the way between two of them',
      );
      t.same(
        paths('macvlan', 'step 1'),
        [
          [`${there} >server:mv20`, `server:mv20> ${back}`],
          [`${there} >server:mv30`, `server:eth0> ${back}`],
        ],
        'once, at a macvlan device and not at the one below it',
      );
      const byTunnel = [
        `client:vx0> ${there} >server:eth0 >server:vx0`,
        `server:vx0> server:eth0> ${back} >client:vx0`,
      ];
      t.same(
        paths('vxlan', 'step 1'),
        [byTunnel, byTunnel],
        'into one end of a tunnel, by what carries it, and out of the other',
      );
      t.same(
        paths('renamed', 'step 2'),
        [[`${there} >server:wan0`, `server:wan0> ${back}`]],
        'by the name that a device has now',
      );
      t.match(
        stepOf(scenario('veth'), 'the way leads into the pair').flows,
        [{ verdict: 'request-lost', lost: { node: 'router', interface: 'v0', direction: 'out' } }],
        'where a packet was lost',
      );
      t.equal(code, 0);
    },
  );
}
