import { readFile } from 'node:fs/promises';
import { parse } from 'yaml';
import type { ScenarioInput } from '../../src/format/scenario.js';

/** A scenario of its own to change: by way of JSON, so that what aliases share is no longer shared. */
export async function copyOf(path: string): Promise<ScenarioInput> {
  return JSON.parse(JSON.stringify(parse(await readFile(path, 'utf8'))));
}
