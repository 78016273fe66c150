import { nineP } from './nine-p.js';
import { virtiofs } from './virtiofs.js';

/** How a guest reaches files of this machine: all of them for reading, and one folder for writing. */
export interface Share {
  /** What the guest's kernel needs for it. */
  readonly modules: readonly string[];
  /** What stands in its way on this machine, and what to do; null for nothing. */
  lack(): { readonly complaint: string; readonly hint: string } | null;
  /** Options of mount(8) for the machine's root. */
  readonly root: string;
  /** In sh, after the name of busybox: mounts the folder for writing. */
  output(path: string): string;
  /** What qemu's command line begins with. */
  before(folders: Folders): readonly string[];
  /** What is added to it. */
  options(folders: Folders): readonly string[];
}

export interface Folders {
  /** The folder for writing; null for none. */
  readonly output: string | null;
  /** The guest's memory. */
  readonly memoryMb: number;
}

/** In the order in which they are tried. */
const SHARES = { '9p': nineP, virtiofs } as const;

export type ShareName = keyof typeof SHARES;

export const SHARE_NAMES: readonly ShareName[] = ['9p', 'virtiofs'];

export function share(name: ShareName): Share {
  return SHARES[name];
}
