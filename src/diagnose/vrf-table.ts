import type { NodeState } from '../model/evidence.js';

/**
 * The table of a VRF: that with the local routes of its ports, which the kernel puts there when a device is enslaved
 * (Documentation/networking/vrf.rst). Null where there is no VRF, or it has no port with an address.
 */
export function vrfTable({ devices, routes }: NodeState, vrf: string | null): string | null {
  if (vrf === null) return null;
  const ports = new Set(devices.filter(({ master }) => master === vrf).map(({ name }) => name));
  const local = routes.find(
    ({ type, nexthops }) => type === 'local' && nexthops.some(({ device }) => ports.has(device)),
  );
  return local?.table ?? null;
}
