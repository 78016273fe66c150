import type { ConfigureItem, ProcessItem } from '../model/policy.js';
import type { Action, Tool } from './tool.js';

/** It reads its files and then writes that the boot was seen to: both take milliseconds. */
const STARTED_TIMEOUT_MS = 10_000;

/** There once the jobs for the boot have been begun, so that another start is none: REBOOT_FILE in pathnames.h of Debian's cron. */
const BOOT_SEEN = '/run/crond.reboot';

/** It would make it with a group that its package adds when it is installed. */
const SPOOL = '/var/spool/cron/crontabs';

/** cron asks PAM before each job, which refuses where it has no configuration: a node has none of the machine's. */
const PAM = '/etc/pam.d/cron';
const PAM_TEXT = ['auth', 'account', 'session'].map((kind) => `${kind} required pam_permit.so\n`).join('');

/**
 * cron(8) of Debian, the real one, over /usr of the node where the machine has none. It is ready when what is for the boot has
 * been started, which may go on after that. What its jobs do is in no file of its own.
 */
export const cron: Tool = {
  needs: ['cron'],
  start: (item) => [
    { kind: 'layer', package: 'cron', program: 'cron' },
    { kind: 'program', argv: ['mkdir', '-p', SPOOL], read: () => [] },
    { kind: 'files', files: [{ path: PAM, mode: '0644', text: PAM_TEXT }] },
    processOf(item),
  ],
  restart: (item) => [...stopped(item), processOf(item)],
  stop: stopped,
  asked: () => [],
  faultOf: ({ files }) =>
    files.some(({ path }) => path === '/etc/crontab' || path.startsWith('/etc/cron.d/'))
      ? null
      : {
          message: 'cron is given no table of jobs',
          hint: 'Add /etc/crontab, or a file below /etc/cron.d, to files; see crontab(5).',
        },
};

function processOf({ name }: ConfigureItem): ProcessItem {
  return {
    kind: 'process',
    name: `${name}-daemon`,
    command: 'exec cron -f',
    ready: [{ kind: 'shell', command: `[ -e ${BOOT_SEEN} ]` }],
    timeoutMs: STARTED_TIMEOUT_MS,
    stopSignal: 'TERM',
    mayEnd: false,
  };
}

function stopped({ name }: ConfigureItem): readonly Action[] {
  return [{ kind: 'stop', name: `${name}-daemon` }];
}
