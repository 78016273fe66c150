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
  'sysctl net.ipv4.ip_forward net.ipv4.icmp_ratelimit net.ipv6.icmp.ratelimit',
  "sysctl -a --pattern '^net\\.ipv[46]\\.(conf|neigh)\\.'",
  'cat /etc/iproute2/rt_tables /etc/hosts /etc/hostname',
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

/** Everything that a process started, and the namespaces that are not our own in which it lives. */
export interface Family {
  readonly pids: ReadonlySet<string>;
  readonly namespaces: ReadonlySet<string>;
}

const KINDS = ['net', 'pid', 'mnt'] as const;

export async function familyOf(pid: number): Promise<Family> {
  const children = new Map<string, string[]>();
  await Promise.all(
    (await processes()).map(async (each) => {
      const parent = / \d+ \((?:.*)\) . (\d+) /s.exec(` ${await readStat(each)}`)?.[1];
      if (parent !== undefined) children.set(parent, [...(children.get(parent) ?? []), each]);
    }),
  );
  const pids = new Set<string>();
  const add = (each: string) => {
    pids.add(each);
    for (const child of children.get(each) ?? []) add(child);
  };
  add(String(pid));
  const own = new Set(await namespacesOf('self'));
  const theirs = (await Promise.all([...pids].map(namespacesOf))).flat();
  return { pids, namespaces: new Set(theirs.filter((namespace) => !own.has(namespace))) };
}

export async function commandsOf({ pids }: Family): Promise<string[]> {
  return Promise.all(
    [...pids].map((pid) =>
      readFile(`/proc/${pid}/comm`, 'utf8').then(
        (text) => text.trim(),
        () => '',
      ),
    ),
  );
}

/** What is left of a family after two seconds at most: nothing, as a rule, after a tenth of that. */
export async function leftOf({ pids, namespaces }: Family): Promise<string[]> {
  for (const end = Date.now() + 2_000; ; await delay(20)) {
    const left = (
      await Promise.all(
        (
          await processes()
        ).map(async (pid) => {
          const related = pids.has(pid) || (await namespacesOf(pid)).some((each) => namespaces.has(each));
          return related ? [await readStat(pid)] : [];
        }),
      )
    )
      .flat()
      .filter((stat) => stat !== '');
    if (left.length === 0 || Date.now() > end) return left;
  }
}

async function processes(): Promise<string[]> {
  return (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
}

function readStat(pid: string): Promise<string> {
  return readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
}

function namespacesOf(pid: string): Promise<string[]> {
  return Promise.all(KINDS.map((kind) => readlink(`/proc/${pid}/ns/${kind}`).catch(() => ''))).then((all) =>
    all.filter((each) => each !== ''),
  );
}
