import { release } from 'node:os';
import type { Environment } from '../model/result.js';
import { isRootless } from '../system/enter.js';
import { packageVersion } from '../system/package-folder.js';
import { toolVersions } from '../system/tools.js';

/** What verdicts may depend on beside the scenario. */
export async function environment(): Promise<Environment> {
  return {
    replypath: packageVersion(),
    node: process.versions.node,
    kernel: release(),
    rootless: isRootless(),
    tools: await toolVersions(),
  };
}
