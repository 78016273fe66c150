import { setTimeout as delay } from 'node:timers/promises';
import type { Lab } from '../build/lab.js';
import type { CommandReport } from '../model/result.js';
import type { Timed } from '../model/scenario.js';
import type { Configured } from '../model/tool.js';
import { type DeedEnd, doDeed } from './deed.js';

/**
 * Does what happens while flows run, one after the other, each when its time has come and the one before it is done.
 * What follows one that went wrong is left out. Rejects once the signal says that the flows are given up.
 */
export async function doDuring(lab: Lab, during: readonly Timed[], signal: AbortSignal): Promise<DeedEnd> {
  const begin = performance.now();
  const commands: CommandReport[] = [];
  const configured: Configured[] = [];
  for (const { atMs, deed } of during) {
    await delay(Math.max(0, begin + atMs - performance.now()), undefined, { signal });
    const begunMs = Math.round(performance.now() - begin);
    const end = await doDeed(lab, deed);
    commands.push(...end.commands.map((command) => ({ ...command, atMs: begunMs })));
    configured.push(...end.configured);
    if (end.reason !== null) return { commands, configured, reason: end.reason };
  }
  return { commands, configured, reason: null };
}
