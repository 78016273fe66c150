import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { RunReport } from '../model/result.js';
import { baseName } from './repetition.js';

const FILE = 'last-run.json';

const lastRun = z.array(
  z.object({
    name: z.string(),
    file: z.string(),
    status: z.enum(['passed', 'failed', 'errored', 'skipped']),
    repetition: z.int().min(1),
    kernelName: z.string().exactOptional(),
  }),
);

/** There is no last run in the folder, or none that can be read: why, as a sentence. */
export class LastRunError extends Error {
  override name = 'LastRunError';
}

/** What of the last run did not pass; a skipped scenario did not fail. */
export interface LastFailed {
  /** Without kernel and repetition; of an invalid file the id. */
  readonly names: ReadonlySet<string>;
  /** As the run named them: relative to its working directory where they are below it. */
  readonly files: readonly string[];
}

/** @throws LastRunError */
export async function readLastFailed(folder: string): Promise<LastFailed> {
  const file = join(folder, FILE);
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    const isMissing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    throw new LastRunError(
      isMissing ? `there is no last run: ${file} does not exist` : `cannot read ${file}: ${String(error)}`,
    );
  });
  const parsed = lastRun.safeParse(parseJson(text));
  if (!parsed.success) throw new LastRunError(`${file} is not the record of a run`);
  const failed = parsed.data.filter(({ status }) => status === 'failed' || status === 'errored');
  return {
    names: new Set(failed.map(baseName)),
    files: [...new Set(failed.map(({ file }) => file))],
  };
}

/** What last-run.json holds. */
export function lastRunText({ scenarios }: RunReport): string {
  const rows = scenarios.map(({ name, file, status, repetition, kernelName }) => ({
    ...{ name, file, status, repetition },
    ...(kernelName === undefined ? {} : { kernelName }),
  }));
  return `${JSON.stringify(rows satisfies z.infer<typeof lastRun>, null, 2)}\n`;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
