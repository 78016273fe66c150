import { access, mkdtemp, readdir, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { GuestError } from './kernel.js';
import { runProgram } from './program.js';

/** What a release ends in, after its version: `-amd64`, `-cloud-amd64`, `-rt-amd64`. */
const RELEASE = /^(?<version>\d+\.\d+.*?)-(?<flavour>[a-z]+-)?(?<architecture>[a-z0-9]+)$/;

/**
 * Of releases the newest that a name stands for: the release itself, or the beginning of its version with its
 * flavour: `6.12` for 6.12.111+deb12-amd64, `6.12-rt` for 6.12.111+deb12-rt-amd64. Null where there is none.
 */
export function newestOf(name: string, releases: readonly string[]): string | null {
  if (releases.includes(name)) return name;
  const [, prefix = '', wanted = ''] = /^(\d+(?:\.\d+)*)(?:-([a-z]+))?$/.exec(name) ?? [];
  if (prefix === '') return null;
  const fitting = releases.filter((release) => {
    const { version = '', flavour = '' } = RELEASE.exec(release)?.groups ?? {};
    const isOfVersion = version.startsWith(prefix) && !/^\d/.test(version.slice(prefix.length));
    return isOfVersion && flavour.replace('-', '') === wanted;
  });
  return newest(fitting);
}

/** Of releases the newest, whatever its flavour; null where there is none. */
export function newest(releases: readonly string[]): string | null {
  return releases.toSorted((a, b) => a.localeCompare(b, 'en', { numeric: true })).at(-1) ?? null;
}

/** Whether a release is of the kernel that Debian installs unless told otherwise. */
export function isStock(release: string): boolean {
  const found = RELEASE.exec(release)?.groups;
  return found !== undefined && found.flavour === undefined;
}

/** For a server that does not answer: apt waits two minutes for each of its addresses, several times. */
const PATIENCE = ['-o', 'Acquire::http::Timeout=20', '-o', 'Acquire::Retries=1'];

/** The releases of which Debian's archive has a package, as apt(8) knows it; none where there is no apt. */
export async function releasesInArchive(): Promise<readonly string[]> {
  const { exit, stdout } = await runProgram('apt-cache', ['pkgnames', 'linux-image-']);
  if (exit !== 0) return [];
  return stdout
    .split('\n')
    .map((name) => name.replace('linux-image-', ''))
    .filter((release) => RELEASE.test(release) && /^\d+\.\d+\.\d+.*-amd64$/.test(release));
}

/**
 * Fetches the package of a release and unpacks it into a folder; nothing is installed. Some 100 MB.
 *
 * @throws GuestError with what apt-get(8) or dpkg-deb(1) said
 */
export async function fetchRelease(release: string, folder: string, signal?: AbortSignal): Promise<void> {
  const download = await mkdtemp(join(folder, 'download-'));
  try {
    const name = `linux-image-${release}`;
    const what = `the package ${name} was not fetched`;
    await orFail('apt-get', [...PATIENCE, 'download', '-q', name], download, what, signal);
    const [file] = await readdir(download);
    if (file === undefined) throw new GuestError(`apt-get download ${name} fetched nothing`);
    await unpackRelease(release, join(download, file), folder);
  } finally {
    await rm(download, { recursive: true, force: true });
  }
}

/**
 * Unpacks the package of a release into a folder, and lists its modules in it, below lib/modules.
 * @internal
 */
export async function unpackRelease(release: string, file: string, folder: string): Promise<void> {
  await orFail('dpkg-deb', ['-x', file, folder], folder, `the package of ${release} was not unpacked`);
  // From Debian 13 on packages have modules in /usr/lib, to which /lib of a system leads; depmod(8) looks in /lib.
  const lib = join(folder, 'lib');
  await access(lib).catch(() => symlink('usr/lib', lib));
  await orFail('depmod', ['-b', folder, release], folder, `the modules of ${release} were not listed`);
}

async function orFail(
  program: string,
  args: readonly string[],
  cwd: string,
  what: string,
  signal?: AbortSignal,
): Promise<void> {
  const { exit, complaint } = await runProgram(program, args, cwd, signal);
  if (exit === 0) return;
  const lines = complaint.split('\n').filter((line) => line !== '' && !line.startsWith('W: '));
  throw new GuestError(
    `${what}: ${lines.at(-1) ?? `${program} ended with ${exit}`}`,
    'Is there a network, and space on the disk?',
  );
}
