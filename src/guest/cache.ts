import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { cacheFolder } from './cache-folder.js';
import { fetchRelease, isStock, newest, newestOf, releasesInArchive } from './debian-kernels.js';
import { releaseOf, unpackedImage } from './image.js';
import { beginningFor } from './initrd.js';
import { GuestError, type Kernel } from './kernel.js';
import { runProgram } from './program.js';
import { requirePrograms } from './qemu.js';
import { type ShareName, share } from './share.js';

/** Written last: what is in the folder, and the sums of what a guest starts from. */
const MANIFEST = 'kernel.json';

/** Raised where what is made of a package changes; then each is made anew. */
const MANIFEST_VERSION = 2;

/** Files of a release's folder beside what is in its package. */
const IMAGE = 'vmlinux';
const INITRD = 'initrd';

const modulesOf = (release: string) => join('lib/modules', release);

interface Manifest {
  readonly version: number;
  readonly share: ShareName;
  /** The file that guests boot. */
  readonly image: string;
  /** SHA-256 by file, of what each guest reads. */
  readonly sums: Readonly<Record<string, string>>;
  /** SHA-256 of the list of all modules with their sizes: to read them all would take a second. */
  readonly modules: string;
}

/** The releases that are in the cache, complete. */
export async function cachedReleases(folder = cacheFolder()): Promise<readonly string[]> {
  const entries = await readdir(folder).catch(() => []);
  const complete = await Promise.all(
    entries.map(async (release) => ((await manifestOf(join(folder, release))) === null ? [] : [release])),
  );
  return complete.flat();
}

export interface CacheOptions {
  readonly folder?: string;
  /** Hears of a release that is about to be fetched. */
  readonly onFetch?: (release: string) => void;
  /** Ends what is being fetched. */
  readonly signal?: AbortSignal;
}

/**
 * The newest kernel in the cache, a stock one where there is one; where that is empty the newest stock one of the
 * archive, fetched into it.
 *
 * @throws GuestError where there is none, it cannot be fetched, or the cache was damaged
 */
export async function newestKernel(options: CacheOptions = {}): Promise<Kernel> {
  const { folder = cacheFolder() } = options;
  requirePrograms();
  const all = await cachedReleases(folder);
  // Not everybody can have the files of this machine in one of another flavour.
  const cached = newest(all.filter(isStock)) ?? newest(all);
  const release = cached ?? newest((await releasesInArchive()).filter(isStock));
  if (release !== null) return kernelOf(release, options);
  const hint = 'Run apt-get update where this is Debian or Ubuntu; elsewhere name an image by --kernel.';
  throw new GuestError(`no kernel is in ${folder}, and apt knows none`, hint);
}

/**
 * The kernel that a name stands for: from the cache, where one there fits, else fetched into it.
 *
 * @throws GuestError where there is none of that name, it cannot be fetched, or the cache was damaged
 */
export async function kernelOf(name: string, options: CacheOptions = {}): Promise<Kernel> {
  requirePrograms();
  const kernel = await found(name, options);
  const lack = share(kernel.share).lack();
  if (lack === null) return kernel;
  throw new GuestError(
    `a virtual machine with ${kernel.release} reads this machine's files by ${kernel.share}, and ${lack.complaint}`,
    lack.hint,
  );
}

async function found(
  name: string,
  { folder = cacheFolder(), onFetch, signal }: CacheOptions,
): Promise<Kernel> {
  if (name.includes('/')) return kernelFromImage(name);
  const cached = newestOf(name, await cachedReleases(folder));
  if (cached !== null) return checked(name, cached, join(folder, cached));
  const releases = await releasesInArchive();
  const release = newestOf(name, releases);
  if (release === null) throw unknownKernel(name, releases);
  onFetch?.(release);
  await prepare(release, folder, signal);
  return checked(name, release, join(folder, release));
}

function unknownKernel(name: string, releases: readonly string[]): GuestError {
  if (releases.length === 0) {
    const hint =
      'Run apt-get update where this is Debian or Ubuntu; elsewhere give the path of an image that has its modules.';
    return new GuestError(`the kernel ${name} is not in ${cacheFolder()}, and apt knows none`, hint);
  }
  const short = new Set(releases.map((each) => /^\d+\.\d+/.exec(each)?.[0] ?? each));
  return new GuestError(
    `there is no kernel ${name} in Debian's archive`,
    `It has ${[...short].join(', ')}, each also with -cloud or -rt; ${releases.at(-1)} is one whole name.`,
  );
}

/** Made beside its place and put there whole, so that what is there is complete, whoever else does the same. */
async function prepare(release: string, cache: string, signal?: AbortSignal): Promise<void> {
  try {
    await mkdir(cache, { recursive: true });
    await removeAbandoned(cache);
    const folder = await mkdtemp(join(cache, '.new-'));
    try {
      await fetchRelease(release, folder, signal);
      await writeFile(join(folder, MANIFEST), JSON.stringify(await unfold(release, folder), null, 2));
      await putInPlace(folder, join(cache, release));
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  } catch (error) {
    if (error instanceof GuestError) throw error;
    const message = error instanceof Error ? error.message : String(error);
    throw new GuestError(
      `the kernel ${release} was not prepared: ${message}`,
      'XDG_CACHE_HOME names another folder for it.',
    );
  }
}

/** Makes of an unpacked package what guests start from. */
async function unfold(release: string, folder: string): Promise<Manifest> {
  const { share, initrd } = await beginningFor(folder, release);
  await writeFile(join(folder, INITRD), initrd);
  const packed = `boot/vmlinuz-${release}`;
  const kernel = await unpackedImage(join(folder, packed));
  if (kernel !== null) await writeFile(join(folder, IMAGE), kernel);
  const image = kernel === null ? packed : IMAGE;
  const files = [image, INITRD, join(modulesOf(release), 'modules.dep.bin')];
  const sums = await Promise.all(files.map(async (file) => [file, await sumOf(join(folder, file))]));
  return {
    ...{ version: MANIFEST_VERSION, share, image, sums: Object.fromEntries(sums) },
    modules: await sumOfList(join(folder, modulesOf(release))),
  };
}

async function putInPlace(folder: string, place: string): Promise<void> {
  try {
    await rename(folder, place);
  } catch (error) {
    // Somebody else was faster.
    if ((await manifestOf(place)) !== null) return;
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOTEMPTY')) throw error;
    // What is there is incomplete, or of another version of this program.
    await rm(place, { recursive: true, force: true });
    await rename(folder, place);
  }
}

/** What was begun a day ago, and neither ended nor removed: its process was killed. */
async function removeAbandoned(cache: string): Promise<void> {
  const yesterday = Date.now() - 24 * 3600 * 1000;
  for (const name of await readdir(cache)) {
    const folder = join(cache, name);
    if (name.startsWith('.new-') && (await stat(folder)).mtimeMs < yesterday)
      await rm(folder, { recursive: true, force: true });
  }
}

async function manifestOf(folder: string): Promise<Manifest | null> {
  try {
    const manifest: Manifest = JSON.parse(await readFile(join(folder, MANIFEST), 'utf8'));
    return manifest.version === MANIFEST_VERSION ? manifest : null;
  } catch {
    return null;
  }
}

/** @throws GuestError where a file is not what was put there */
async function checked(name: string, release: string, folder: string): Promise<Kernel> {
  const manifest = await manifestOf(folder);
  const damaged = (what: string) =>
    new GuestError(`the cache is damaged: ${what}`, `Remove it, and it is fetched again: rm -r '${folder}'.`);
  if (manifest === null) throw damaged(`${join(folder, MANIFEST)} cannot be read`);
  const modules = join(folder, modulesOf(release));
  const list = sumOfList(modules).catch(() => null);
  for (const [file, sum] of Object.entries(manifest.sums)) {
    const found = await sumOf(join(folder, file)).catch(() => null);
    if (found === sum) continue;
    throw damaged(`${join(folder, file)} ${found === null ? 'cannot be read' : 'has changed'}`);
  }
  if ((await list) !== manifest.modules)
    throw damaged(`a module in ${modules} is missing or has another size`);
  const initrd = await readFile(join(folder, INITRD));
  return { name, release, image: join(folder, manifest.image), modules, share: manifest.share, initrd };
}

/** Of the names and sizes of all files below a folder; find(1) takes a fiftieth of a second for five thousand. */
async function sumOfList(folder: string): Promise<string> {
  const { exit, stdout, complaint } = await runProgram('find', [folder, '-type', 'f', '-printf', '%P %s\\n']);
  if (exit !== 0) throw new Error(complaint);
  return createHash('sha256').update(stdout.split('\n').toSorted().join('\n')).digest('hex');
}

async function sumOf(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex');
}

/** An image with its modules in lib/modules beside the folder that it is in, or in this machine's /lib/modules. */
async function kernelFromImage(image: string): Promise<Kernel> {
  const release = await releaseOf(image);
  const own = join(dirname(image), '..');
  for (const root of [own, '/']) {
    const modules = join(root, 'lib/modules', release);
    if ((await readdir(modules).catch(() => null)) === null) continue;
    return { name: image, release, image, modules, ...(await beginningFor(root, release)) };
  }
  throw new GuestError(
    `the modules of ${image}, which is ${release}, are neither in ${join(own, 'lib/modules')} nor in /lib/modules`,
    'Put them there, as make modules_install of the kernel does.',
  );
}
