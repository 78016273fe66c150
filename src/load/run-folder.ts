import { readdir, readFile, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { eventSchema } from '../format/report.js';
import type { RunEvent } from '../model/result.js';

/** What a run left in its folder. */
export interface RecordedRun {
  readonly folder: string;
  /** Begins with `run-started`; ends with `run-ended`, unless the run was killed. */
  readonly events: readonly RunEvent[];
}

/** Why a folder cannot be reported, and what to do. */
export interface RunFolderFault {
  readonly message: string;
  readonly hint: string;
}

const FILE = 'run.jsonl';

/**
 * Reads run.jsonl, which is there from a run's first moment; run.json is there only when it has ended, and may
 * still be that of the run before. A last line that was not written to its end is left out.
 */
export async function readRunFolder(folder: string, cwd: string): Promise<RecordedRun | RunFolderFault> {
  const path = resolve(cwd, folder);
  let text: string;
  try {
    text = await readFile(join(path, FILE), 'utf8');
  } catch (error) {
    return unreadable(folder, path, error);
  }
  const lines = text.split('\n');
  const torn = lines.pop() ?? '';
  const events: RunEvent[] = [];
  for (const [index, line] of lines.entries()) {
    const event = eventOf(line, index === 0);
    if ('message' in event) {
      return { message: `${folder}/${FILE}, line ${index + 1}: ${event.message}`, hint: event.hint };
    }
    events.push(event.event);
  }
  const last = torn === '' ? null : eventOf(torn, events.length === 0);
  if (last !== null && 'event' in last) events.push(last.event);
  if (events.length === 0) {
    return {
      message: `${folder}/${FILE} holds no event: the run was ended before it began`,
      hint: 'Run it again.',
    };
  }
  return { folder, events: await Promise.all(events.map((event) => withArtifacts(event, path))) };
}

/** A folder that was brought here from another machine has the captures, but not where the run says. */
async function withArtifacts(event: RunEvent, path: string): Promise<RunEvent> {
  if (!('result' in event) || event.result.artifacts === null) return event;
  const here = join(path, event.result.name);
  if ((await exists(event.result.artifacts)) || !(await exists(here))) return event;
  return { ...event, result: { ...event.result, artifacts: here } };
}

async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(() => null)) !== null;
}

/** One line as an event; keys that this version does not know are no fault. */
function eventOf(line: string, first: boolean): { readonly event: RunEvent } | RunFolderFault {
  const damaged = 'The file is damaged: copy it again, or run again.';
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return { message: 'this is no JSON', hint: damaged };
  }
  const other = otherVersion(value);
  if (other !== null) return other;
  const { error } = eventSchema.safeParse(value);
  const [issue] = error?.issues.filter(({ code }) => code !== 'unrecognized_keys') ?? [];
  if (issue !== undefined) {
    const at = issue.path.length === 0 ? '' : `${issue.path.join('.')}: `;
    return {
      message: `this is no event of a run: ${at}${issue.message}`,
      hint: 'If another version of replypath wrote it, report it with that one.',
    };
  }
  const event = value as RunEvent;
  if (first === (event.type === 'run-started')) return { event };
  return first
    ? { message: 'the events do not begin with run-started', hint: damaged }
    : { message: 'another run begins here', hint: 'Join runs by replypath report --merge.' };
}

function otherVersion(value: unknown): RunFolderFault | null {
  if (typeof value !== 'object' || value === null || !('version' in value) || value.version === 1)
    return null;
  return {
    message: `the report is of version ${JSON.stringify(value.version)}, and this replypath reads version 1`,
    hint: 'Report it with the version of replypath that ran it.',
  };
}

async function unreadable(folder: string, path: string, error: unknown): Promise<RunFolderFault> {
  const info = await stat(path).catch(() => null);
  if (info === null) {
    return {
      message: `there is no folder ${folder}`,
      hint: 'Name the one that replypath run --output named.',
    };
  }
  if (!info.isDirectory())
    return { message: `${folder} is no folder`, hint: 'Name the folder that it is in.' };
  const code = error instanceof Error && 'code' in error ? error.code : null;
  if (code !== 'ENOENT') {
    const reason = error instanceof Error ? error.message : String(error);
    return { message: `cannot read ${folder}/${FILE}: ${reason}`, hint: 'Check its permissions.' };
  }
  const below = await runsBelow(folder, path);
  return {
    message: `${folder} is not the folder of a run: it has no ${FILE}`,
    hint:
      below.length === 0
        ? 'Name the one that replypath run --output named.'
        : `Did you mean ${below.join(' or ')}? Several are joined by --merge.`,
  };
}

/** Folders in the folder that are runs, such as those of shards. */
async function runsBelow(folder: string, path: string): Promise<string[]> {
  const entries = await readdir(path, { withFileTypes: true }).catch(() => []);
  const folders = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  const found = await Promise.all(
    folders.map(async (name) => ((await exists(join(path, name, FILE))) ? [name] : [])),
  );
  return found
    .flat()
    .sort()
    .slice(0, 3)
    .map((name) => join(folder, name));
}
