/** A file, or a folder where there is no content, of an archive. */
export interface ArchiveEntry {
  /** Without a leading slash. */
  readonly path: string;
  readonly content?: Uint8Array;
  readonly executable?: boolean;
}

const FOLDER_MODE = 0o040755;
const FILE_MODE = 0o100644;
const PROGRAM_MODE = 0o100755;

/**
 * An archive in the format newc, of which the kernel unpacks an initramfs; folders have to come before what is in
 * them. Several, one after the other, are one. Documentation/driver-api/early-userspace/buffer-format.rst
 */
export function cpio(entries: readonly ArchiveEntry[]): Buffer {
  const parts = entries.map((entry, index) => record(entry, index + 1));
  return Buffer.concat([...parts, record({ path: 'TRAILER!!!' }, 0)]);
}

function record({ path, content, executable = false }: ArchiveEntry, inode: number): Buffer {
  const mode =
    content === undefined ? (inode === 0 ? 0 : FOLDER_MODE) : executable ? PROGRAM_MODE : FILE_MODE;
  const data = content ?? Buffer.alloc(0);
  const name = Buffer.from(`${path}\0`);
  const numbers = [inode, mode, 0, 0, 1, 0, data.length, 0, 0, 0, 0, name.length, 0];
  const header = `070701${numbers.map((number) => number.toString(16).padStart(8, '0')).join('')}`;
  return Buffer.concat([padded(Buffer.concat([Buffer.from(header), name])), padded(data)]);
}

/** Up to a multiple of four bytes. */
function padded(bytes: Uint8Array): Buffer {
  return Buffer.concat([bytes, Buffer.alloc((4 - (bytes.length % 4)) % 4)]);
}
