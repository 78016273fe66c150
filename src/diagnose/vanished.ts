import type { Facts } from './facts.js';

/**
 * What in the scenario took an interface down, and with it the routes by it: ip-link(8). Empty where nothing did, or it
 * had no routes until then; else to be put behind a sentence.
 */
export function vanishedText(facts: Facts, node: string, device: string): string {
  const { commands, plan } = facts;
  const last = lastDown(facts, node, device);
  const found = commands[last];
  if (found === undefined) return '';
  const routed = new RegExp(`\\broute\\b.* dev ${escaped(device)}\\b`);
  const isPlanned = plan.scenario.topology.nodes.some(
    (each) => each.name === node && each.routes.some(({ dev }) => dev === device),
  );
  const before = commands.slice(0, last).filter((each) => each.node === node && each.exit === 0);
  const hadRoutes = isPlanned || before.some(({ text }) => routed.test(text));
  return hadRoutes ? `; its routes went with "${found.text}"` : '';
}

/** Position of the last command that took an interface down; -1 where none did. */
export function lastDown({ commands }: Facts, node: string, device: string): number {
  const name = escaped(device);
  const down = new RegExp(
    `\\b(link set (dev )?${name} down|(ifdown|link-down|unplug) (\\S+:)?${name}|ifconfig ${name} down)\\b`,
  );
  return commands.findLastIndex((each) => each.node === node && each.exit === 0 && down.test(each.text));
}

function escaped(device: string): string {
  return device.replaceAll(/[^\w]/g, '\\$&');
}
