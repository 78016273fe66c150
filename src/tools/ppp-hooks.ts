import type { ConfigureItem, FileToWrite } from '../model/policy.js';
import type { DialEvent } from '../model/scenario.js';
import type { PppEnd } from '../model/topology.js';
import { askedByScript } from './asked.js';
import { change, type Hook, hooksOf } from './ppp-dial.js';
import type { Action, Tool } from './tool.js';
import { isExecutable, TRACING, traced } from './traced.js';

/**
 * What pppd(8) does when a link comes up and goes down, where the link itself is the lab's: the addresses that both ends agreed
 * on, and then the user's scripts, ip-up and ip-down and those in the folders of these names.
 */
export const pppHooks: Tool = {
  needs: [],
  start: (item) => [TRACING, ...dialled('connect', item)],
  restart: (item) => [...dialled('disconnect', item), ...dialled('connect', item)],
  stop: (item) => dialled('disconnect', item),
  asked: ({ files }) =>
    files.filter(({ path }) => /^\/etc\/ppp\/ip(v6)?-up(\.d\/|$)/.test(path)).flatMap(askedByScript),
  faultOf: ({ interfaces }) =>
    interfaces.length > 0
      ? null
      : {
          message: 'ppp-hooks is not told which links it dials',
          hint: 'Add interfaces, as in interfaces: [ppp0, ppp1].',
        },
};

function dialled(kind: DialEvent['kind'], { links = [], files }: ConfigureItem): readonly Action[] {
  return links.flatMap(([own, other]: readonly [PppEnd, PppEnd]) => [
    ...change(kind, [own, other]).map((deed) => ({ kind: 'elsewhere', deed }) as const),
    ...hooksOf(kind, own, other).flatMap((hook) => scriptsOf(hook, files).map((file) => run(hook, file))),
  ]);
}

/** The script itself, and those of its folder that run-parts(8) would run, which Debian's ip-up is all about. */
function scriptsOf({ path }: Hook, files: readonly FileToWrite[]): readonly FileToWrite[] {
  const isPart = (file: FileToWrite) =>
    file.path.startsWith(`${path}.d/`) &&
    /^[\w-]+$/.test(file.path.slice(path.length + 3)) &&
    isExecutable(file);
  return [
    ...files.filter((file) => file.path === path),
    ...files.filter(isPart).toSorted((a, b) => (a.path < b.path ? -1 : 1)),
  ];
}

/** pppd gives no more than this; what Debian's ip-up adds for those of the folder, each of them has. */
function run({ words, environment }: Hook, file: FileToWrite): Action {
  const [name = '', terminal = '', speed = '', local = '', remote = '', parameter = ''] = words;
  const ofDebian = {
    ...{ PPP_IFACE: name, PPP_TTY: terminal, PPP_SPEED: speed },
    ...{ PPP_LOCAL: local, PPP_REMOTE: remote, PPP_IPPARAM: parameter },
    PATH: '/usr/local/sbin:/usr/sbin:/sbin:/usr/local/bin:/usr/bin:/bin',
  };
  const isPart = file.path.includes('.d/');
  return traced(file, {
    ...{ by: 'pppd(8)', words, through: 'kernel' },
    environment: isPart ? { ...environment, ...ofDebian } : environment,
  });
}
