import { readFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { packageFolder } from './package-folder.js';
import { findTool } from './path.js';

/** The program that runs inside of labs. */
const AGENT = join(packageFolder(), 'src/system/agent.pl');

const ID_FILES = [
  { file: '/etc/subuid', option: '--add-subuids' },
  { file: '/etc/subgid', option: '--add-subgids' },
] as const;

/** Whether labs run in a user namespace, because we are an ordinary user. */
export function isRootless(): boolean {
  return process.geteuid?.() !== 0;
}

/**
 * The command line that enters namespaces of a run's own and starts the keeper there, or the given program;
 * `agent.pl` says how. It ends with this process. An ordinary user gets a range of ids where newuidmap(1)
 * may give one, because tcpdump drops its privileges by setgroups(2), and otherwise keeps the one id with
 * its capabilities.
 */
export function enterCommand(...program: readonly string[]): [string, ...string[]] {
  return [
    '/usr/bin/perl',
    AGENT,
    String(process.pid),
    isRootless() ? usersOfOrdinaryUser() : 'same',
    ...program,
  ];
}

function usersOfOrdinaryUser(): string {
  const ranges = ID_FILES.map(({ file }) => idRange(readOrEmpty(file), nameOfUser(), ownId()));
  return missingForIdRange().length === 0 ? ranges.join(':') : 'one';
}

/** Something that an ordinary user lacks for a range of ids, and the command that gives it. */
export interface IdRangeLack {
  readonly name: string;
  readonly detail: string;
  readonly remedy: string;
}

/** What keeps an ordinary user from having a range of ids in a user namespace; newuidmap(1), subuid(5). */
export function missingForIdRange(): IdRangeLack[] {
  const missing: IdRangeLack[] = [];
  if (findTool('newuidmap') === null || findTool('newgidmap') === null) {
    missing.push({ name: 'newuidmap', detail: 'not installed', remedy: 'sudo apt-get install uidmap' });
  }
  const username = nameOfUser();
  for (const { file, option } of ID_FILES) {
    if (idRange(readOrEmpty(file), username, ownId()) !== null) continue;
    const remedy = `sudo usermod ${option} 100000-165535 ${username}`;
    missing.push({ name: file, detail: `no range of ids for ${username}`, remedy });
  }
  return missing;
}

function ownId(): number {
  return process.getuid?.() ?? 0;
}

/** The number where the user has no entry in passwd(5), as in a container that was started with one. */
function nameOfUser(): string {
  try {
    return userInfo().username;
  } catch {
    return String(ownId());
  }
}

/**
 * The first range that a subuid(5) or subgid(5) file gives a user, as `first:count`; null where there is none.
 * @internal
 */
export function idRange(text: string, username: string, uid: number): string | null {
  for (const line of text.split('\n')) {
    const [owner, first, count] = line.split(':');
    const isTheirs = owner === username || owner === String(uid);
    if (isTheirs && first && Number(count) > 0) return `${first}:${count}`;
  }
  return null;
}

function readOrEmpty(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
