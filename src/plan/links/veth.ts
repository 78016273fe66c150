import { type WiredInterface, wireEnd } from '../interfaces.js';

/** A pair straight into two namespaces. */
export function vethPair(a: WiredInterface, b: WiredInterface): string {
  return `link add ${wireEnd(a)} type veth peer ${wireEnd(b)}`;
}
