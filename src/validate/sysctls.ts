import { markAt, type Tree } from '../load/tree.js';
import type { Faults } from './faults.js';
import { sysctlKeyFault } from './names.js';

/** A map of sysctls as pairs; keys that are none are reported. */
export function sysctlSettings(
  tree: Tree,
  path: readonly PropertyKey[],
  map: Readonly<Record<string, unknown>>,
  faults: Faults,
): [string, string][] {
  return Object.entries(map).map(([key, value]) => {
    const fault = sysctlKeyFault(key);
    if (fault !== null) {
      const hint = 'Write a key such as net.ipv4.conf.eth0.rp_filter.';
      faults.add(markAt(tree, [...path, key], true), 'sysctl-key', `the sysctl key ${key} ${fault}`, hint);
    }
    return [key, String(typeof value === 'boolean' ? Number(value) : value)];
  });
}
