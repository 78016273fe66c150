import { constants } from 'node:fs';
import { access, readFile, statfs } from 'node:fs/promises';
import { release } from 'node:os';
import { FEATURES, type Feature } from '../model/feature.js';
import type { MachineCheck } from '../model/machine.js';
import { needName, type ToolNeed } from '../model/need.js';
import { isRootless, missingForIdRange } from './enter.js';
import { absentTool, type FeatureAttempt, tryEverything } from './kernel-features.js';
import { Machine } from './machine.js';
import { findTool } from './path.js';
import { SandboxError, startSandbox } from './sandbox.js';
import { TOOLS, toolVersions } from './tools.js';

export { isRootless } from './enter.js';
export { missingTools, toolVersions } from './tools.js';

const OLDEST_NODE = [20, 19] as const;

/** Below this, results of a few runs fill the disk. */
const SCARCE_BYTES = 100e6;

/** For what takes milliseconds. */
const PATIENCE_MS = 5000;

/**
 * What this machine can do for labs, in the order to show it. Nothing outside of a throwaway lab is changed.
 * Takes a fraction of a second; no more than some seconds where something hangs.
 *
 * @param folder where results would be written
 * @param wanted tools that scenarios name, beside those of every lab
 */
export async function checkMachine(
  folder: string,
  wanted: Promise<readonly ToolNeed[]> = Promise.resolve([]),
): Promise<MachineCheck[]> {
  const rootless = isRootless();
  const [tools, namespaces, disk] = await Promise.all([
    checkTools(),
    checkNamespaces(rootless, wanted),
    checkDisk(folder),
  ]);
  return [
    check('system', 'kernel', release()),
    checkNode(process.versions.node),
    ...tools,
    ...namespaces.filter(({ group }) => group === 'tools'),
    ...checkPrivileges(rootless),
    ...namespaces.filter(({ group }) => group !== 'tools'),
    disk,
  ];
}

function check(
  group: MachineCheck['group'],
  name: string,
  detail: string,
  { required = true, fails = false, remedy = null }: Partial<CheckOutcome> = {},
): MachineCheck {
  const status = !fails ? 'ok' : required ? 'missing' : 'limited';
  return { name, group, required, status, detail, remedy };
}

interface CheckOutcome {
  readonly required: boolean;
  readonly fails: boolean;
  readonly remedy: string | null;
}

/** @internal */
export function checkNode(version: string): MachineCheck {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [oldestMajor, oldestMinor] = OLDEST_NODE;
  if (major > oldestMajor || (major === oldestMajor && minor >= oldestMinor))
    return check('system', 'node', version);
  const oldest = OLDEST_NODE.join('.');
  const remedy = `install Node ${oldest} or newer`;
  return check('system', 'node', `${version}, older than ${oldest}`, { fails: true, remedy });
}

async function checkTools(): Promise<MachineCheck[]> {
  const versions = await toolVersions();
  return TOOLS.map(({ name, required, package: debian }) => {
    const path = findTool(name);
    if (path !== null)
      return check('tools', name, `${versions[name] ?? 'unknown version'} (${path})`, { required });
    const remedy = `sudo apt-get install ${debian}`;
    return check('tools', name, 'not installed', { required, fails: true, remedy });
  });
}

function checkPrivileges(rootless: boolean): MachineCheck[] {
  if (!rootless) return [check('rights', 'privileges', 'root')];
  const missing = missingForIdRange();
  const ids = missing.length === 0 ? 'with a range of ids' : 'with one id';
  return [
    check('rights', 'privileges', `ordinary user: labs run in a user namespace ${ids}`),
    ...missing.map(({ name, detail, remedy }) =>
      check('rights', name, detail, { required: false, fails: true, remedy }),
    ),
  ];
}

async function checkNamespaces(
  rootless: boolean,
  wanted: Promise<readonly ToolNeed[]>,
): Promise<MachineCheck[]> {
  const name = rootless ? 'user namespaces' : 'namespaces';
  const refused = (detail: string, remedy: string | null) =>
    check('rights', name, detail, { fails: true, remedy });
  if (findTool('perl') === null) return [refused('not tried without perl', null)];
  try {
    const sandbox = await startSandbox(PATIENCE_MS);
    try {
      const attempts = await tryEverything(sandbox);
      const tools = (await wanted).filter((need) => TOOLS.every((tool) => tool.name !== needName(need)));
      return [
        check('rights', name, 'permitted'),
        ...(await checkWanted(tools, new Machine(Promise.resolve(sandbox)))),
        ...attempts.map(checkOfAttempt),
      ];
    } finally {
      await sandbox.close();
    }
  } catch (error) {
    if (!(error instanceof SandboxError)) throw error;
    return [refused(error.complaint.split('\n', 1)[0] ?? '', await remedyForNamespaces(rootless))];
  }
}

/** Debian's and Ubuntu's, of tools that are known from scripts; of others nobody knows. */
const PACKAGES: Readonly<Partial<Record<string, string>>> = {
  wg: 'wireguard-tools',
  'wg-quick': 'wireguard-tools',
};

async function checkWanted(needs: readonly ToolNeed[], machine: Machine): Promise<MachineCheck[]> {
  const lacks = new Map((await machine.lacks(needs)).map(({ need, complaint }) => [need, complaint]));
  return needs.map((need) => {
    const complaint = lacks.get(need);
    const fails = complaint !== undefined;
    const debian = PACKAGES[need.tool];
    const isAbsent = findTool(need.tool) === null && debian !== undefined;
    const remedy = isAbsent ? `sudo apt-get install ${debian}` : null;
    return check('tools', needName(need), complaint ?? `${findTool(need.tool)}`, {
      ...{ required: false, fails, remedy },
    });
  });
}

function checkOfAttempt({ name, complaint }: FeatureAttempt): MachineCheck {
  const required = !(name in FEATURES) && name !== 'tcpdump capture';
  if (complaint === null) return check('kernel', name, 'works', { required });
  const remedy = name in FEATURES ? remedyForFeature(name as Feature, complaint) : null;
  return check('kernel', name, complaint, { required, fails: true, remedy });
}

function remedyForFeature(feature: Feature, complaint: string): string | null {
  const absent = absentTool(feature);
  if (absent !== undefined) return `sudo apt-get install ${absent.package}`;
  // Everybody may open it where udev has made it; a user namespace gives no more rights to a file.
  if (feature === 'tun' && /permission denied/i.test(complaint)) return 'sudo chmod 0666 /dev/net/tun';
  const module = MODULES[feature];
  return module === undefined ? null : `sudo modprobe ${module}, or a kernel that has this module`;
}

/** The modules that Linux looks for by itself when a feature is used; on some systems they are a package of their own. */
const MODULES: Readonly<Partial<Record<Feature, string>>> = {
  nftables: 'nf_tables',
  iptables: 'ip_tables',
  ip6tables: 'ip6_tables',
  connmark: 'nf_conntrack',
  tun: 'tun',
  vlan: '8021q',
  vrf: 'vrf',
  vxlan: 'vxlan',
  macvlan: 'macvlan',
  gre: 'ip_gre',
  wireguard: 'wireguard',
  dummy: 'dummy',
  bond: 'bonding',
  ifb: 'ifb',
  netem: 'sch_netem',
};

/** The known switches that forbid namespaces, each with the command that permits them. */
const SWITCHES = [
  // Ubuntu 23.10 and newer, https://ubuntu.com/blog/ubuntu-23-10-restricted-unprivileged-user-namespaces
  {
    key: 'kernel.apparmor_restrict_unprivileged_userns',
    forbids: '1',
    permits: '0',
    instead: 'an AppArmor profile (replypath doctor --apparmor-profile says how), or run as root',
  },
  // A patch of Debian's kernels, on by default up to Debian 10.
  { key: 'kernel.unprivileged_userns_clone', forbids: '0', permits: '1', instead: 'run as root' },
  // namespaces(7)
  { key: 'user.max_user_namespaces', forbids: '0', permits: '15000', instead: 'run as root' },
] as const;

async function remedyForNamespaces(rootless: boolean): Promise<string> {
  if (!rootless) return 'give the container CAP_SYS_ADMIN, and no AppArmor profile (docker run --privileged)';
  for (const { key, forbids, permits, instead } of SWITCHES) {
    const value = await readOrEmpty(`/proc/sys/${key.replaceAll('.', '/')}`);
    if (value.trim() === forbids) return `sudo sysctl ${key}=${permits}, or ${instead}`;
  }
  return 'run as root; in a container, as root of one that was started with --privileged';
}

/**
 * An AppArmor profile that lets an ordinary user's labs have their user namespace, where Ubuntu keeps programs
 * from it that have no profile. In this mode it confines nothing, and what the program starts is under it too.
 *
 * @see https://ubuntu.com/blog/ubuntu-23-10-restricted-unprivileged-user-namespaces, apparmor.d(5)
 */
export function apparmorProfile(): string {
  return `# Lets replypath make user namespaces without root, and with it every other program in Perl.
# Put it into effect:
#   replypath doctor --apparmor-profile | sudo tee /etc/apparmor.d/replypath
#   sudo apparmor_parser --replace /etc/apparmor.d/replypath
abi <abi/4.0>,
include <tunables/global>

profile replypath /usr/bin/perl flags=(unconfined) {
  userns,
  include if exists <local/replypath>
}
`;
}

async function checkDisk(folder: string): Promise<MachineCheck> {
  const limited = { required: false, fails: true };
  try {
    await access(folder, constants.W_OK);
    const { bavail, bsize } = await statfs(folder);
    const free = bavail * bsize;
    const detail = `${sizeText(free)} free in ${folder}`;
    if (free >= SCARCE_BYTES) return check('disk', 'disk', detail, { required: false });
    return check('disk', 'disk', detail, { ...limited, remedy: 'write results elsewhere: run --output' });
  } catch {
    const remedy = 'write results elsewhere: run --output';
    return check('disk', 'disk', `${folder} cannot be written`, { ...limited, remedy });
  }
}

function sizeText(bytes: number): string {
  return bytes >= 1e9 ? `${(bytes / 1e9).toFixed(1)} GB` : `${Math.round(bytes / 1e6)} MB`;
}

async function readOrEmpty(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch {
    return '';
  }
}
