import type { LabNode } from '../build/lab.js';
import { sysctlFile } from '../net/sysctl-file.js';
import type { Outcome } from './outcome.js';

/** Writes each setting as sysctl(8) would; a key that this namespace does not have or a refused value is a failure. */
export async function applySysctls(
  node: LabNode,
  settings: readonly (readonly [key: string, value: string])[],
): Promise<Outcome> {
  const errnos = await node.agent.write(settings.map(([key, value]) => [sysctlFile(key), value]));
  const commands = settings.map(([key, value], i) => {
    const errno = errnos[i] ?? null;
    return {
      line: i + 1,
      text: `sysctl -w ${key}=${value}`,
      exit: errno === null ? 0 : 255,
      message: errno === null ? '' : `${sysctlFile(key)}: ${errno}`,
      failed: errno !== null,
    };
  });
  return { commands, timedOut: false };
}
