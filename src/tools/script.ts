import type { ConfigureItem, FileToWrite } from '../model/policy.js';
import { askedByScript } from './asked.js';
import type { Action, Tool } from './tool.js';
import { type Runner, TRACING, traced } from './traced.js';

/**
 * Scripts that a system runs when it boots, each as its system does: what it passes over is not run, and what the kernel
 * does not take for a program fails.
 */
export const script: Tool = {
  needs: [],
  start: (item) => [TRACING, ...scriptsOf(item).map(runOf)],
  restart: (item) => scriptsOf(item).map(runOf),
  // Nothing takes back what such a script did: it has no other end than that of the system.
  stop: () => [],
  asked: (item) => scriptsOf(item).flatMap(askedByScript),
  faultOf: (item) =>
    scriptsOf(item).length > 0
      ? null
      : {
          message: 'none of these files is a boot script',
          hint: `Give one of ${BOOT_SCRIPTS.map(({ says }) => says).join(', ')}.`,
        },
};

/** Files that a system runs at the end of its boot. */
interface BootScript extends Omit<Runner, 'environment'> {
  readonly says: string;
  readonly path: RegExp;
}

/** OpenRC has a shell run them, systemd nobody but the kernel. */
const BOOT_SCRIPTS: readonly BootScript[] = [
  {
    ...{ says: '/etc/rc.local', path: /^\/etc\/rc(\.d\/rc)?\.local$/, words: ['start'] },
    by: 'systemd-rc-local-generator(8)',
    through: 'kernel',
  },
  {
    ...{ says: '/etc/local.d/*.start', path: /^\/etc\/local\.d\/[^/]+\.start$/, words: [] },
    by: "OpenRC's service local",
    through: 'shell',
  },
];

function kindOf({ path }: FileToWrite) {
  return BOOT_SCRIPTS.find((kind) => kind.path.test(path));
}

/** In the order in which a shell's pattern gives them. */
function scriptsOf({ files }: ConfigureItem): readonly FileToWrite[] {
  return files.filter(kindOf).toSorted((a, b) => (a.path < b.path ? -1 : 1));
}

function runOf(file: FileToWrite): Action {
  const { words = [], by = '', through = 'kernel' } = kindOf(file) ?? {};
  return traced(file, { by, words, through, environment: null });
}
