import type { Environment } from '../../model/result.js';

/** `6.12.0`, or of several kernels `6.18.0 (host), 6.12.0 (6.12)`. */
export function kernelsText({ kernel, kernels }: Environment): string {
  if (kernels === undefined) return kernel;
  return Object.entries(kernels)
    .map(([name, release]) => (name === release ? release : `${release} (${name})`))
    .join(', ');
}
