import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, mkdtemp, open, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { cacheFolder } from './cache-folder.js';
import { fetchRelease, isStock, newest, newestOf, releasesInArchive } from './debian-kernels.js';
import { initrdFor } from './initrd.js';
import { GuestError, type Kernel } from './kernel.js';
import { requirePrograms } from './qemu.js';

/** Written last: what is in the folder, and the sums of what a guest starts from. */
const MANIFEST = 'kernel.json';

/** Raised where what is made of a package changes; then each is made anew. */
const MANIFEST_VERSION = 1;

interface Manifest {
  readonly version: number;
  /** SHA-256 by file. */
  readonly sums: Readonly<Record<string, string>>;
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
 * The newest kernel in the cache; where that is empty the newest stock one of the archive, fetched into it.
 *
 * @throws GuestError where there is none, it cannot be fetched, or the cache was damaged
 */
export async function newestKernel(options: CacheOptions = {}): Promise<Kernel> {
  const { folder = cacheFolder() } = options;
  requirePrograms();
  const cached = newest(await cachedReleases(folder));
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
export async function kernelOf(
  name: string,
  { folder = cacheFolder(), onFetch, signal }: CacheOptions = {},
): Promise<Kernel> {
  requirePrograms();
  if (name.includes('/')) return kernelFromImage(name);
  const cached = newestOf(name, await cachedReleases(folder));
  if (cached !== null) return checked(name, cached, join(folder, cached));
  const releases = await releasesInArchive();
  const release = newestOf(name, releases);
  if (release === null) throw unknownKernel(name, releases);
  onFetch?.(release);
  await prepare(release, folder, signal);
  return kernelIn(name, release, join(folder, release));
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

/** What there is of a release, in the folder into which its package was unpacked. */
function filesOf(release: string, folder: string) {
  return {
    image: join(folder, 'boot', `vmlinuz-${release}`),
    modules: join(folder, 'lib/modules', release),
    initrd: join(folder, 'initrd'),
  };
}

async function kernelIn(name: string, release: string, folder: string): Promise<Kernel> {
  const { initrd, ...files } = filesOf(release, folder);
  return { name, release, ...files, initrd: await readFile(initrd) };
}

/** Made beside its place and put there whole, so that what is there is complete, whoever else does the same. */
async function prepare(release: string, cache: string, signal?: AbortSignal): Promise<void> {
  try {
    await mkdir(cache, { recursive: true });
    await removeAbandoned(cache);
    const folder = await mkdtemp(join(cache, '.new-'));
    try {
      await fetchRelease(release, folder, signal);
      const { image, modules, initrd } = filesOf(release, folder);
      await writeFile(initrd, await initrdFor(folder, release));
      const files = [image, initrd, join(modules, 'modules.dep.bin')];
      const sums = await Promise.all(
        files.map(async (file) => [file.slice(folder.length + 1), await sumOf(file)]),
      );
      const manifest: Manifest = { version: MANIFEST_VERSION, sums: Object.fromEntries(sums) };
      await writeFile(join(folder, MANIFEST), JSON.stringify(manifest, null, 2));
      await rename(folder, join(cache, release)).catch(async (error: unknown) => {
        if ((await manifestOf(join(cache, release))) === null) throw error;
      });
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  } catch (error) {
    if (error instanceof GuestError) throw error;
    const message = error instanceof Error ? error.message : String(error);
    throw new GuestError(
      `the kernel ${release} was not prepared: ${message}`,
      'XDG_CACHE_HOME names another cache.',
    );
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
  for (const [file, sum] of Object.entries(manifest?.sums ?? {})) {
    const found = await sumOf(join(folder, file)).catch(() => null);
    if (found === sum) continue;
    throw new GuestError(
      `the cache is damaged: ${join(folder, file)} ${found === null ? 'cannot be read' : 'has changed'}`,
      `Remove it, and it is fetched again: rm -r '${folder}'.`,
    );
  }
  return kernelIn(name, release, folder);
}

async function sumOf(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex');
}

/** Of a bzImage: the word HdrS, and where the version's text is, less 0x200. Documentation/arch/x86/boot.rst */
const MAGIC = 0x202;
const VERSION_POINTER = 0x20e;

/** An image with its modules in lib/modules beside the folder that it is in, or in this machine's /lib/modules. */
async function kernelFromImage(image: string): Promise<Kernel> {
  const release = await releaseOf(image);
  const own = join(dirname(image), '..');
  for (const root of [own, '/']) {
    const modules = join(root, 'lib/modules', release);
    if ((await readdir(modules).catch(() => null)) === null) continue;
    return { name: image, release, image, modules, initrd: await initrdFor(root, release) };
  }
  throw new GuestError(
    `the modules of ${image}, which is ${release}, are neither in ${join(own, 'lib/modules')} nor in /lib/modules`,
    'Put them there, as make modules_install of the kernel does.',
  );
}

async function releaseOf(image: string): Promise<string> {
  const bytes = Buffer.alloc(65_536);
  try {
    const file = await open(image);
    await file.read(bytes, 0, bytes.length, 0).finally(() => file.close());
  } catch (error) {
    throw new GuestError(
      `cannot read the kernel ${image}: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
  const begin = bytes.readUInt16LE(VERSION_POINTER) + 0x200;
  const [release] = /^[\w.+~-]+/.exec(bytes.toString('latin1', begin, begin + 128)) ?? [];
  if (bytes.toString('latin1', MAGIC, MAGIC + 4) === 'HdrS' && release !== undefined) return release;
  throw new GuestError(`${image} is no kernel image`, 'Name a bzImage, such as /boot/vmlinuz-6.12.');
}
