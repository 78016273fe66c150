import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { clock, INSIDE, SCRIPTS } from './clock.js';
import type { Contender } from './contest.js';

/** What Debian's package mininet cannot be without. */
const PROGRAM = '/usr/bin/mnexec';

const TIMEOUT_S = 120;

/** The lab by Mininet, without captures; null where it is not installed, which is said. */
export async function mininet(times: number): Promise<Contender | null> {
  try {
    await access(PROGRAM);
  } catch {
    console.error('mininet is not installed and left out: apt-get install --no-install-recommends mininet');
    return null;
  }
  const command = [...INSIDE, 'bash', join(SCRIPTS, 'mininet.sh'), String(times)];
  return { name: 'Mininet', run: () => clock(command, TIMEOUT_S), goals: [] };
}
