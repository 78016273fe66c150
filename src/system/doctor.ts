import { readFile } from 'node:fs/promises';
import { release } from 'node:os';
import { isRootless, missingForIdRange } from './enter.js';
import { tryNamespaces } from './kernel-features.js';
import { findTool } from './path.js';
import { TOOLS, toolVersions } from './tools.js';

export { missingTools, toolVersions } from './tools.js';

/** One thing that labs need or can use. */
export interface MachineCheck {
  readonly name: string;
  /** `missing`: no scenario can run; `limited`: those that need this cannot. */
  readonly status: 'ok' | 'missing' | 'limited';
  readonly detail: string;
  /** What to do about it, as a command where one does; null where nothing is to be done or known. */
  readonly remedy: string | null;
}

const OLDEST_NODE = [20, 19] as const;

/**
 * What this machine can do for labs, in the order to show it. Nothing outside of throwaway namespaces is
 * changed. Takes a fraction of a second; no more than 5 s where something hangs.
 */
export async function checkMachine(): Promise<MachineCheck[]> {
  const rootless = isRootless();
  const [tools, namespaces] = await Promise.all([checkTools(), checkNamespaces(rootless)]);
  return [
    check('kernel', release()),
    checkNode(process.versions.node),
    ...tools,
    ...checkPrivileges(rootless),
    ...namespaces,
  ];
}

function check(
  name: string,
  detail: string,
  status: MachineCheck['status'] = 'ok',
  remedy: string | null = null,
): MachineCheck {
  return { name, status, detail, remedy };
}

/** @internal */
export function checkNode(version: string): MachineCheck {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [oldestMajor, oldestMinor] = OLDEST_NODE;
  if (major > oldestMajor || (major === oldestMajor && minor >= oldestMinor)) return check('node', version);
  const oldest = OLDEST_NODE.join('.');
  return check('node', `${version}, older than ${oldest}`, 'missing', `install Node ${oldest} or newer`);
}

async function checkTools(): Promise<MachineCheck[]> {
  const versions = await toolVersions();
  return TOOLS.map((tool) => {
    const path = findTool(tool.name);
    if (path !== null) return check(tool.name, `${versions[tool.name] ?? 'unknown version'} (${path})`);
    const status = tool.required ? 'missing' : 'limited';
    return check(tool.name, 'not installed', status, `sudo apt-get install ${tool.package}`);
  });
}

function checkPrivileges(rootless: boolean): MachineCheck[] {
  if (!rootless) return [check('privileges', 'root')];
  const missing = missingForIdRange();
  const ids = missing.length === 0 ? 'with a range of ids' : 'with one id';
  return [
    check('privileges', `ordinary user: labs run in a user namespace ${ids}`),
    ...missing.map(({ name, detail, remedy }) => check(name, detail, 'limited', remedy)),
  ];
}

async function checkNamespaces(rootless: boolean): Promise<MachineCheck[]> {
  const name = rootless ? 'user namespaces' : 'namespaces';
  if (findTool('perl') === null) return [check(name, 'not tried without perl', 'missing')];
  const attempt = await tryNamespaces();
  if (!attempt.permitted) {
    return [check(name, attempt.complaint, 'missing', await remedyForNamespaces(rootless))];
  }
  const features = attempt.features.map((feature) =>
    feature.complaint === null
      ? check(feature.name, 'works')
      : check(feature.name, feature.complaint || 'does not work', feature.required ? 'missing' : 'limited'),
  );
  return [check(name, 'permitted'), ...features];
}

/** The known switches that forbid namespaces, each with the command that permits them. */
const SWITCHES = [
  // Ubuntu 23.10 and newer, https://ubuntu.com/blog/ubuntu-23-10-restricted-unprivileged-user-namespaces
  { key: 'kernel.apparmor_restrict_unprivileged_userns', forbids: '1', permits: '0' },
  // A patch of Debian's kernels, on by default up to Debian 10.
  { key: 'kernel.unprivileged_userns_clone', forbids: '0', permits: '1' },
  // namespaces(7)
  { key: 'user.max_user_namespaces', forbids: '0', permits: '15000' },
] as const;

async function remedyForNamespaces(rootless: boolean): Promise<string> {
  if (!rootless) return 'give the container CAP_SYS_ADMIN and CAP_NET_ADMIN (docker run --privileged)';
  for (const { key, forbids, permits } of SWITCHES) {
    const value = await readOrEmpty(`/proc/sys/${key.replaceAll('.', '/')}`);
    if (value.trim() === forbids) return `sudo sysctl ${key}=${permits}, or run as root`;
  }
  return 'run as root; in a container, as root of one that was started with --privileged';
}

async function readOrEmpty(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch {
    return '';
  }
}
