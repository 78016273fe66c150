import { open, readFile, stat } from 'node:fs/promises';
import { gunzipSync } from 'node:zlib';
import { findTool } from '../system/path.js';
import { GuestError } from './kernel.js';
import { filtered } from './program.js';

/** Of a bzImage, all in its first kilobyte: Documentation/arch/x86/boot.rst. */
const HEADER = {
  /** How many sectors come before what runs in protected mode, less one. */
  setupSectors: 0x1f1,
  /** The word HdrS. */
  magic: 0x202,
  /** Where the version's text is, less 0x200. */
  versionPointer: 0x20e,
  /** A bit set for a kernel of 64 bits. */
  loadFlags64: 0x236,
  /** Of the packed kernel, from the first sector that runs in protected mode. */
  payloadOffset: 0x248,
  payloadLength: 0x24c,
} as const;

const SECTOR_BYTES = 512;

/** XLF_KERNEL_64: there is a 64-bit entry point. */
const IS_64_BIT = 1;

const HINT = 'Name a bzImage for 64-bit x86 processors, such as /boot/vmlinuz-6.12.';

/**
 * What `uname -r` says on a kernel.
 *
 * @throws GuestError where a file cannot be read, or is no kernel that a guest could boot
 */
export async function releaseOf(image: string): Promise<string> {
  const bytes = await beginningOf(image);
  const begin = bytes.readUInt16LE(HEADER.versionPointer) + SECTOR_BYTES;
  const [release] = /^[\w.+~-]+/.exec(bytes.toString('latin1', begin, begin + 128)) ?? [];
  const isBzImage = bytes.toString('latin1', HEADER.magic, HEADER.magic + 4) === 'HdrS';
  if (!isBzImage || release === undefined) throw new GuestError(`${image} is no kernel image`, HINT);
  if ((bytes.readUInt16LE(HEADER.loadFlags64) & IS_64_BIT) === 0)
    throw new GuestError(`${image} is a kernel for 32-bit processors`, HINT);
  return release;
}

async function beginningOf(image: string): Promise<Buffer> {
  const bytes = Buffer.alloc(65_536);
  const cannotRead = (why: string) => new GuestError(`cannot read the kernel ${image}: ${why}`, HINT);
  try {
    const found = await stat(image);
    // To open a pipe waits for ever.
    if (!found.isFile()) throw cannotRead(found.isDirectory() ? 'it is a folder' : 'it is no regular file');
    const file = await open(image);
    await file.read(bytes, 0, bytes.length, 0).finally(() => file.close());
    return bytes;
  } catch (error) {
    throw error instanceof GuestError ? error : cannotRead(error instanceof Error ? error.message : '');
  }
}

/** By the first bytes of a packed kernel: what unpacks it. */
const PACKERS = [
  { magic: '28b52ffd', program: 'zstd' },
  { magic: 'fd377a58', program: 'xz' },
] as const;

/** Name and type of the note that says where a kernel begins for a machine of type PVH; include/xen/interface/elfnote.h. */
const PVH_NOTE = Buffer.from('12000000' + Buffer.from('Xen\0').toString('hex'), 'hex');

/**
 * The kernel that a bzImage unpacks itself to, which takes a guest without acceleration two seconds. Null where this machine
 * cannot unpack it, or qemu could not start it so.
 */
export async function unpackedImage(image: string): Promise<Uint8Array | null> {
  const bytes = await readFile(image);
  // 0 stands for 4.
  const sectors = (bytes[HEADER.setupSectors] || 4) + 1;
  const begin = sectors * SECTOR_BYTES + bytes.readUInt32LE(HEADER.payloadOffset);
  // Its last four bytes are its length once it is unpacked.
  const payload = bytes.subarray(begin, begin + bytes.readUInt32LE(HEADER.payloadLength) - 4);
  const kernel = await unpacked(payload).catch(() => null);
  return kernel !== null && Buffer.from(kernel).includes(PVH_NOTE) ? kernel : null;
}

async function unpacked(payload: Buffer): Promise<Uint8Array | null> {
  const magic = payload.toString('hex', 0, 4);
  if (magic.startsWith('1f8b')) return gunzipSync(payload);
  const program = PACKERS.find((packer) => packer.magic === magic)?.program;
  return program === undefined || findTool(program) === null ? null : filtered(program, ['-dc'], payload);
}
