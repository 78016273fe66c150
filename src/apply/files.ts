import type { LabNode } from '../build/lab.js';
import type { FileToWrite } from '../model/policy.js';
import type { Outcome } from './outcome.js';

/** Writes each file anew, with the folders that it is in. */
export async function applyFiles(node: LabNode, files: readonly FileToWrite[]): Promise<Outcome> {
  const errnos = await Promise.all(files.map(({ path, mode, text }) => node.agent.put(path, mode, text)));
  const commands = files.map(({ path }, i) => {
    const errno = errnos[i] ?? null;
    return {
      line: i + 1,
      text: `write ${path}`,
      exit: errno === null ? 0 : 1,
      message: errno === null ? '' : `${path}: ${errno}`,
      failed: errno !== null,
    };
  });
  return { commands, timedOut: false };
}
