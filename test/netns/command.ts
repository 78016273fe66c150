import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod } from 'node:fs/promises';
import { join } from 'node:path';
import { dir } from 'tmp-promise';
import type { FlowResult } from '../../src/model/flow-result.js';
import type { RunReport, ScenarioResult, StepResult } from '../../src/model/result.js';
import { packageFolder } from '../../src/system/package-folder.js';

export const ROOT = packageFolder();
export const FOLDER = join(ROOT, 'test/netns');
export const MAIN = join(import.meta.dirname, '../../src/cli/main.js');
export const AS_USER = join(ROOT, 'test/as-user');

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program to its end; `started` gets the child as soon as there is one. `ownGroup`: it leads a process group. */
export async function execute(
  argv: readonly [string, ...string[]],
  started: (child: ReturnType<typeof spawn>) => void = () => {},
  { ownGroup = false }: { ownGroup?: boolean } = {},
): Promise<Ended> {
  const [program, ...args] = argv;
  const child = spawn(program, args, { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'], detached: ownGroup });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  started(child);
  const [code, signal] = await once(child, 'close');
  return { code, signal, stdout, stderr };
}

export interface Run extends Ended {
  readonly report: RunReport;
  readonly scenario: (name: string) => ScenarioResult;
}

/** What `replypath run --reporter json` says; `by` is what it is run by. */
export async function run(paths: readonly string[], by: readonly string[] = []): Promise<Run> {
  // A temporary folder that whoever it is run by may write.
  const output = await dir({ unsafeCleanup: true });
  try {
    await chmod(output.path, 0o777);
    return readRun(await execute(runCommand(output.path, paths, by)));
  } finally {
    await output.cleanup();
  }
}

export function runCommand(
  output: string,
  paths: readonly string[],
  by: readonly string[] = [],
): [string, ...string[]] {
  const [program = process.execPath, ...rest] = [...by, process.execPath];
  return [program, ...rest, MAIN, 'run', '--reporter', 'json', '--output', output, ...paths];
}

export function readRun(ended: Ended): Run {
  const report: RunReport = JSON.parse(ended.stdout);
  const scenario = (name: string) => {
    const found = report.scenarios.find((each) => each.name.endsWith(`/${name}`));
    if (!found) throw new Error(`no scenario ${name} in the report; ${ended.stderr}`);
    return found;
  };
  return { ...ended, report, scenario };
}

export function stepOf({ steps, reason }: ScenarioResult, title: string): StepResult {
  const found = steps.find((step) => step.title === title);
  if (!found) throw new Error(`no step ${title}; ${reason?.text}`);
  return found;
}

/** A path as text: `client:eth0>`, with an arrow in front on the way in and behind on the way out. */
export function pathText({ path }: FlowResult['request']): string {
  return path
    .map(({ node, interface: device, direction }) =>
      direction === 'in' ? `>${node}:${device}` : `${node}:${device}>`,
    )
    .join(' ');
}
