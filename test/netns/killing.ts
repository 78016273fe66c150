import type { ChildProcess } from 'node:child_process';
import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { dir } from 'tmp-promise';
import { type Ended, execute, runCommand } from './command.js';
import { type Family, familyOf, leftOf, machineState } from './machine.js';

export interface Interrupted extends Ended {
  /** What there was just before the last signal. */
  readonly family: Family;
  /** What the command made outside of its output folder: in its TMPDIR and its HOME. */
  readonly files: readonly string[];
}

/** Runs the scenarios, does something to the command as soon as it has started, and waits for its end. */
export async function interrupt(
  paths: readonly string[],
  deed: (child: ChildProcess, output: string) => Promise<Family>,
  by: readonly string[] = [],
): Promise<Interrupted> {
  const folder = await dir({ unsafeCleanup: true, mode: 0o777 });
  try {
    const [output, home] = [join(folder.path, 'output'), join(folder.path, 'home')];
    for (const each of [output, home]) await mkdir(each, { mode: 0o777 });
    await execute(['chmod', '-R', '777', folder.path]);
    let done: Promise<Family> | undefined;
    let command: ChildProcess | undefined;
    const surroundings = ['env', `TMPDIR=${home}`, `HOME=${home}`];
    const ended = await execute(
      runCommand(output, paths, [...by, ...surroundings]),
      (child) => {
        command = child;
        done = deed(child, output);
        done.catch(() => child.kill('SIGKILL'));
      },
      { ownGroup: true },
    );
    if (done === undefined || command === undefined) throw new Error('nothing was started');
    // What was just being forked gets a stop of its process group afterwards, but no continuation, because that
    // is a signal that it ignores (the kernel's __send_signal_locked).
    signalGroup(command, 'SIGCONT');
    return { ...ended, family: await done, files: await readdir(home) };
  } finally {
    await folder.cleanup();
  }
}

/** The command's process group is stopped while it is looked at: nothing is missed, and the instant is kept. */
export async function familyBefore(
  child: ChildProcess,
  deed: (family: Family) => void = () => {},
): Promise<Family> {
  signalGroup(child, 'SIGSTOP');
  const family = await familyOf(child.pid ?? 0);
  deed(family);
  signalGroup(child, 'SIGCONT');
  return family;
}

/** A group that has ended is not an error. */
function signalGroup({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  try {
    if (pid !== undefined) process.kill(-pid, signal);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}

export function eventsIn(output: string): Promise<string> {
  return readFile(join(output, 'run.jsonl'), 'utf8').catch(() => '');
}

/** What is killed: the command, all of its process group, or the first process of the sandbox. */
export type Target = 'command' | 'group' | 'sandbox';

/** One kill by signal 9, and all that was not as it should be afterwards. */
export interface Kill {
  readonly target: Target;
  readonly complaints: readonly string[];
  /** Namespaces that the command had made by then. */
  readonly namespaces: number;
  /** False where there was no sandbox yet or any more, and the command was killed instead. */
  readonly hit: boolean;
}

/** @param instantMs after `since`, which is the start of the command or of its first lab. */
export async function killAt(
  paths: readonly string[],
  target: Target,
  instantMs: number,
  before: string,
  { since = 'command', by = [] }: { since?: 'command' | 'first lab'; by?: readonly string[] } = {},
): Promise<Kill> {
  let hit = true;
  const { signal, code, family, files, stderr } = await interrupt(
    paths,
    async (child, output) => {
      while (since === 'first lab' && !(await eventsIn(output)).includes('scenario-started')) await delay(5);
      await delay(instantMs);
      return familyBefore(child, (family) => {
        const first = target === 'sandbox' ? firstProcess(family) : undefined;
        hit = target !== 'sandbox' || first !== undefined;
        if (first !== undefined) process.kill(first, 'SIGKILL');
        else if (target === 'group') signalGroup(child, 'SIGKILL');
        else child.kill('SIGKILL');
      });
    },
    by,
  );
  const complaints: string[] = [];
  if (target !== 'sandbox' && signal !== 'SIGKILL' && code !== 0)
    complaints.push(`it ended with ${code}: ${stderr}`);
  if (target === 'sandbox' && hit && ![0, 1, 4].includes(code ?? -1))
    complaints.push(`it ended with ${code}: ${stderr}`);
  const left = await leftOf(family);
  complaints.push(...left.map(({ pid, command }) => `left: process ${pid} (${command})`));
  complaints.push(...files.map((file) => `left: file ${file}`));
  const after = await machineState();
  if (after !== before) complaints.push(`the machine has changed:\n${changes(before, after)}`);
  return { target, complaints, namespaces: family.namespaces.size, hit };
}

/** The keeper: what the command starts stays outside, and what that forks first is the first process inside. */
function firstProcess({ processes: [command, ...processes] }: Family): number | undefined {
  const outside = processes.find(({ parent }) => parent === command?.pid);
  const first = processes.find(({ parent }) => parent === outside?.pid);
  return first === undefined ? undefined : Number(first.pid);
}

/** The lines that only one of two texts has. */
export function changes(before: string, after: string): string {
  const [old, now] = [before.split('\n'), after.split('\n')];
  const [inOld, inNow] = [new Set(old), new Set(now)];
  return [
    ...old.filter((line) => !inNow.has(line)).map((line) => `- ${line}`),
    ...now.filter((line) => !inOld.has(line)).map((line) => `+ ${line}`),
  ].join('\n');
}
