import { readFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { findTool } from './path.js';

/** Whether labs run in a user namespace, because we are an ordinary user. */
export function isRootless(): boolean {
  return process.geteuid?.() !== 0;
}

/**
 * The command line that enters a lab's namespaces and runs what is appended to it; unshare(1), setpriv(1).
 * An ordinary user gets a range of ids where newuidmap(1) may give one, because tcpdump drops its
 * privileges by setgroups(2), and otherwise keeps the one id with its capabilities.
 */
export function enterCommand(): [string, ...string[]] {
  const namespaces = ['--net', '--mount', '--pid', '--uts', '--ipc', '--fork', '--kill-child'];
  const start = ['/usr/bin/setpriv', '--pdeathsig', 'KILL', '/usr/bin/unshare'] as const;
  if (!isRootless()) return [...start, ...namespaces, '--propagation', 'private'];
  return [...start, '--user', ...userMap(), ...namespaces];
}

function userMap(): string[] {
  const single = ['--map-current-user', '--keep-caps'];
  return missingForIdRange().length === 0 ? ['--map-root-user', '--map-auto'] : single;
}

/** Something that an ordinary user lacks for a range of ids, and the command that gives it. */
export interface IdRangeLack {
  readonly name: string;
  readonly detail: string;
  readonly remedy: string;
}

/** What keeps an ordinary user from having a range of ids in a user namespace; newuidmap(1), subuid(5). */
export function missingForIdRange(): IdRangeLack[] {
  const uid = process.getuid?.() ?? 0;
  const username = nameOfUser() ?? String(uid);
  const missing: IdRangeLack[] = [];
  if (findTool('newuidmap') === null || findTool('newgidmap') === null) {
    missing.push({ name: 'newuidmap', detail: 'not installed', remedy: 'sudo apt-get install uidmap' });
  }
  for (const [file, option] of [
    ['/etc/subuid', '--add-subuids'],
    ['/etc/subgid', '--add-subgids'],
  ] as const) {
    if (hasIdRange(readOrEmpty(file), username, uid)) continue;
    const remedy = `sudo usermod ${option} 100000-165535 ${username}`;
    missing.push({ name: file, detail: `no range of ids for ${username}`, remedy });
  }
  return missing;
}

/** Null where the user has no entry in passwd(5), as in a container that was started with a number. */
function nameOfUser(): string | null {
  try {
    return userInfo().username;
  } catch {
    return null;
  }
}

/**
 * Whether a subuid(5) or subgid(5) file gives a user a range of ids.
 * @internal
 */
export function hasIdRange(text: string, username: string, uid: number): boolean {
  return text.split('\n').some((line) => {
    const [owner, first, count] = line.split(':');
    return (owner === username || owner === String(uid)) && Boolean(first) && Number(count) > 0;
  });
}

function readOrEmpty(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
