import type { Share } from './share.js';

/** More is cut to this by the kernel, which says so; net/9p/trans_virtio.c. */
const MESSAGE_BYTES = 512_000;

const OPTIONS = `trans=virtio,version=9p2000.L,msize=${MESSAGE_BYTES}`;

/** By 9p, which qemu serves by itself: of the two it needs less, and most kernels have it. */
export const nineP: Share = {
  modules: ['9p', '9pnet_virtio'],
  lack: () => null,
  root: `-t 9p -o ro,${OPTIONS},cache=loose root`,
  output: (path) => `mount -t 9p -o ${OPTIONS} output ${path}`,
  before: () => [],
  options: ({ output }) => [
    ...shared('root', '/', ',readonly=on'),
    ...(output === null ? [] : shared('output', output, '')),
  ],
};

function shared(id: string, path: string, options: string): readonly string[] {
  return [
    '-fsdev',
    // In an option of qemu a comma ends a value, unless it is doubled.
    `local,id=${id},path=${path.replaceAll(',', ',,')},security_model=none,multidevs=remap${options}`,
    '-device',
    `virtio-9p-pci,fsdev=${id},mount_tag=${id}`,
  ];
}
