import { execa } from 'execa';
import { FIXED_PATH } from '../system/path.js';

/** Ordinary users lack folders in PATH where half of these programs are; and messages are read, in English. */
const ENVIRONMENT = { PATH: FIXED_PATH, LC_ALL: 'C' };

export interface Ended {
  /** Null where it was ended by a signal, or is not there. */
  readonly exit: number | null;
  readonly stdout: string;
  /** What it complained of; where it could not be started, that. */
  readonly complaint: string;
}

/** Runs a program of this machine to its end, or until the signal is aborted. */
export async function runProgram(
  program: string,
  args: readonly string[],
  cwd = process.cwd(),
  signal?: AbortSignal,
): Promise<Ended> {
  const result = await execa(program, args, {
    ...{ cwd, reject: false, stdin: 'ignore', env: ENVIRONMENT },
    ...(signal === undefined ? {} : { cancelSignal: signal }),
  });
  const { exitCode, stdout, stderr, originalMessage } = result;
  const otherwise =
    result.signal === undefined ? (originalMessage ?? '') : `${program} was ended by ${result.signal}`;
  return { exit: exitCode ?? null, stdout, complaint: stderr || otherwise };
}

/** What a program makes of bytes, such as a file that it unpacks. @throws where it fails */
export async function filtered(
  program: string,
  args: readonly string[],
  input: Uint8Array,
): Promise<Uint8Array> {
  const { stdout } = await execa(program, args, { input, encoding: 'buffer', env: ENVIRONMENT });
  return stdout;
}
