import { readdir, readFile, readlink } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { execute } from './command.js';

/** Whatever of a machine's network a lab could have touched, as its own tools print it. */
const QUESTIONS = [
  'ip -d addr',
  'ip rule',
  'ip -6 rule',
  'ip route show table all',
  'ip -6 route show table all',
  'nft list ruleset',
  'ls -A /run/netns',
  'ls -A /run/replypath',
  "sysctl -a | grep -vE '^(fs\\.(dentry|inode|file|quota|aio)|kernel\\.(random|ns_last_pid|pty\\.nr)|net\\.netfilter\\.nf_conntrack_count)'",
  'tar --sort=name -C / -cf - etc | sha256sum',
  'ls -A /run /dev/shm',
  "cut -d' ' -f 3- /proc/self/mountinfo",
  'hostname',
];

/** The machine's state as text. Only what counts down by itself, an address's lifetime, is left out. */
export async function machineState(): Promise<string> {
  const script = QUESTIONS.map(
    (question) => `echo '# ${question.replaceAll("'", '')}'; ${question} 2>&1`,
  ).join('\n');
  const { stdout } = await execute(['sh', '-c', `PATH=/usr/sbin:/usr/bin:/sbin:/bin\n${script}`]);
  return stdout.replace(/(valid_lft|preferred_lft|expires) \d+sec/g, '$1 …');
}

/** A process as proc(5) shows it. */
interface Process {
  readonly pid: string;
  readonly command: string;
  readonly state: string;
  readonly parent: string;
  readonly session: string;
  /** Clock ticks since boot. */
  readonly started: number;
}

/** Everything that a process started, and the namespaces that are not our own in which it lives. */
export interface Family {
  readonly processes: readonly Process[];
  readonly namespaces: ReadonlySet<string>;
}

const KINDS = ['net', 'pid', 'mnt'] as const;

export async function familyOf(pid: number): Promise<Family> {
  const all = await allProcesses();
  const withDescendants = (parent: Process): Process[] => [
    parent,
    ...all.filter((each) => each.parent === parent.pid).flatMap(withDescendants),
  ];
  const processes = all.filter((each) => each.pid === String(pid)).flatMap(withDescendants);
  const own = new Set(await namespacesOf('self'));
  const theirs = (await Promise.all(processes.map((each) => namespacesOf(each.pid)))).flat();
  const namespaces = new Set(theirs.filter((namespace) => !own.has(namespace)));
  return { processes, namespaces };
}

/**
 * What is left of a family after five seconds at most: nothing, as a rule, after a fiftieth of that. What was
 * forked since it was looked at is in the session that its first process leads, or in the PID namespace of one
 * that is. The number of a namespace says nothing: it is given again as soon as it is free.
 */
export async function leftOf({ processes }: Family): Promise<Process[]> {
  const leader = processes[0]?.pid;
  const isOfFamily = ({ pid, session, started }: Process) =>
    session === leader || processes.some((each) => each.pid === pid && each.started === started);
  for (const end = Date.now() + 5_000; ; await delay(20)) {
    const left = (await allProcesses()).filter(isOfFamily);
    if (left.length === 0 || Date.now() > end) return left;
  }
}

/** Those that run: a zombie has ended, and waits for its parent. */
async function allProcesses(): Promise<Process[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const stats = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')));
  return stats.flatMap((stat) => {
    const [, pid, command, rest = ''] = /^(\d+) \((.*)\) (.*)$/s.exec(stat) ?? [];
    if (pid === undefined || command === undefined) return [];
    const [state = '', parent = '', , session = '', ...fields] = rest.split(' ');
    return state === 'Z' ? [] : [{ pid, command, state, parent, session, started: Number(fields[15]) }];
  });
}

function namespacesOf(pid: string): Promise<string[]> {
  return Promise.all(KINDS.map((kind) => readlink(`/proc/${pid}/ns/${kind}`).catch(() => ''))).then((all) =>
    all.filter((each) => each !== ''),
  );
}
