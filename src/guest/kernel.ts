import type { ShareName } from './share.js';

/** A kernel that a guest can boot: everything it takes is on this machine. */
export interface Kernel {
  /** As the user named it. */
  readonly name: string;
  /** What `uname -r` says on it: `6.12.111+deb12-amd64`. */
  readonly release: string;
  /** The image: a bzImage, or what one unpacks itself to. */
  readonly image: string;
  /** The folder with its modules, as /lib/modules has one for each release. */
  readonly modules: string;
  /** How guests with it reach the machine's files. */
  readonly share: ShareName;
  /** An archive in the format newc: what mounts the machine's file system and goes on from there. */
  readonly initrd: Uint8Array;
}

/** A kernel or a guest cannot be had: what is wrong, and what to do. */
export class GuestError extends Error {
  override name = 'GuestError';

  constructor(
    readonly complaint: string,
    readonly hint = '',
  ) {
    super(hint === '' ? complaint : `${complaint}. ${hint}`);
  }
}
