import { readdir, readFile } from 'node:fs/promises';

/** KiB of the processes below this one, by name: what each has for itself and its share of the rest (PSS, proc(5)). */
export async function memoryBelow(pid: number): Promise<ReadonlyMap<string, number>> {
  const parents = new Map<number, number>();
  const names = new Map<number, string>();
  for (const entry of await readdir('/proc')) {
    const text = /^\d+$/.test(entry) ? await readOrEmpty(`/proc/${entry}/stat`) : '';
    const [, name, parent] = /^\d+ \((.*)\) \S (\d+) /s.exec(text) ?? [];
    if (name === undefined) continue;
    parents.set(Number(entry), Number(parent));
    names.set(Number(entry), name);
  }
  const isBelow = (child: number): boolean => {
    const parent = parents.get(child);
    return parent !== undefined && (parent === pid || isBelow(parent));
  };
  const sums = new Map<string, number>();
  for (const [child, name] of names) {
    if (!isBelow(child)) continue;
    const pss = /^Pss: +(\d+) kB$/m.exec(await readOrEmpty(`/proc/${child}/smaps_rollup`))?.[1];
    sums.set(name, (sums.get(name) ?? 0) + Number(pss ?? 0));
  }
  return sums;
}

/** Processes come and go. */
function readOrEmpty(file: string): Promise<string> {
  return readFile(file, 'utf8').catch(() => '');
}
