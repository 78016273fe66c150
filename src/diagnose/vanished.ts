import type { Facts } from './facts.js';

/**
 * What in the scenario took an interface down, and with it the routes by it: ip-link(8). Empty where nothing did, or it
 * had no routes until then; else to be put behind a sentence.
 */
export function vanishedText({ commands, plan }: Facts, node: string, device: string): string {
  const name = device.replaceAll(/[^\w]/g, '\\$&');
  const down = new RegExp(
    `\\b(link set (dev )?${name} down|(ifdown|link-down|unplug) (\\S+:)?${name}|ifconfig ${name} down)\\b`,
  );
  const routed = new RegExp(`\\broute\\b.* dev ${name}\\b`);
  const own = commands.filter((command) => command.node === node && command.exit === 0);
  const last = own.findLastIndex(({ text }) => down.test(text));
  const found = own[last];
  if (found === undefined) return '';
  const isPlanned = plan.scenario.topology.nodes.some(
    (each) => each.name === node && each.routes.some(({ dev }) => dev === device),
  );
  const hadRoutes = isPlanned || own.slice(0, last).some(({ text }) => routed.test(text));
  return hadRoutes ? `; its routes went with "${found.text}"` : '';
}
