import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { packageFolder } from '../../src/system/package-folder.js';

const ROOT = packageFolder();
export const SCRIPTS = join(ROOT, 'scripts/bench');
/** What users run: bundled. */
export const COMMAND = join(ROOT, 'dist/cli/main.js');

/** Enters namespaces in which a contender may do what it likes; unshare(1). */
export const INSIDE = [
  'unshare',
  ...['--mount', '--net', '--pid', '--fork', '--kill-child', '--mount-proc', '--propagation', 'private'],
] as const;

/** What one run of a command took. */
export interface Reading {
  readonly wallMs: number;
  /** Processor time of all its processes; null where it is not known. */
  readonly cpuMs: number | null;
}

export interface Run extends Reading {
  readonly stdout: string;
}

/** A contender did not do what it was to be measured at. */
export class MeasurementError extends Error {
  override name = 'MeasurementError';
}

/**
 * Runs a command to its end by `clock.pl`.
 *
 * @param expected the status with which it is to end.
 * @throws MeasurementError where it ends with another one, or takes longer than `timeoutS`.
 */
export async function clock(command: readonly string[], timeoutS: number, expected = 0): Promise<Run> {
  const child = spawn('perl', [join(SCRIPTS, 'clock.pl'), String(timeoutS), ...command], {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  await once(child, 'close');
  const [, exit, wallMs, cpuMs] = /^clock (\d+) ([\d.]+) ([\d.]+|-)\n$/m.exec(stderr) ?? [];
  if (exit !== String(expected)) {
    const why = exit === '124' ? `no end after ${timeoutS} s` : `it ended with ${exit}`;
    throw new MeasurementError(`${command.join(' ')}: ${why}\n${stdout}${stderr}`.trimEnd());
  }
  return { wallMs: Number(wallMs), cpuMs: cpuMs === '-' ? null : Number(cpuMs), stdout };
}
