import type { Facts } from './facts.js';

/**
 * What in the scenario took an interface down, and with it the routes by it: ip-link(8). Empty where nothing did;
 * else to be put behind a sentence.
 */
export function vanishedText({ commands }: Facts, node: string, device: string): string {
  const escaped = device.replaceAll(/[^\w]/g, '\\$&');
  const down = new RegExp(
    `\\b(link set (dev )?${escaped} down|(ifdown|link-down|unplug) (\\S+:)?${escaped}|ifconfig ${escaped} down)\\b`,
  );
  const found = commands.findLast(
    (command) => command.node === node && command.exit === 0 && down.test(command.text),
  );
  return found === undefined ? '' : `; its routes went with "${found.text}"`;
}
