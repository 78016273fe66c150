import { setTimeout as delay } from 'node:timers/promises';
import type { Agent } from '../system/agent.js';

const INTERVAL_MS = 5;

/** An interface or address that is not in effect yet: where, and what `ip` says of it. */
export interface Pending {
  readonly where: string;
  readonly lines: readonly string[];
}

/**
 * Waits until what was configured is in effect everywhere; null once it is, else what is not when the
 * time is over. The kernel does the last steps after the command that asked for them has ended: a veth
 * whose other end comes up later discards what it is given (net/core/link_watch.c), a bridge port does
 * not forward (net/bridge/br_if.c), and an IPv6 address is no source while it is tentative
 * (net/ipv6/addrconf.c), even without duplicate detection.
 */
export async function untilInEffect(
  agents: readonly (readonly [where: string, agent: Agent])[],
  timeoutMs: number,
): Promise<Pending | null> {
  const deadline = performance.now() + timeoutMs;
  const pending = await Promise.all(
    agents.map(([where, agent]) => untilAgentSettles(where, agent, deadline)),
  );
  return pending.find((each) => each !== null) ?? null;
}

async function untilAgentSettles(where: string, agent: Agent, deadline: number): Promise<Pending | null> {
  const stdin = 'link show\naddress show tentative\n';
  for (;;) {
    const timeoutMs = Math.max(INTERVAL_MS, deadline - performance.now());
    const { exit, stdout, stderr } = await agent.run(['ip', '-o', '-batch', '-'], { stdin, timeoutMs });
    const lines = exit === 0 ? pendingLines(stdout) : [stderr.trim()];
    if (lines.length === 0) return null;
    if (performance.now() > deadline) return { where, lines };
    await delay(INTERVAL_MS);
  }
}

/**
 * The links whose operational state does not follow their carrier yet, and the tentative addresses of
 * those that have one, in what `ip -o` prints.
 * @internal
 */
export function pendingLines(text: string): string[] {
  const links = [...text.matchAll(/^\d+: ([^\s@:]+)[@:].*<(.*)>.* state (\S+) .*$/gm)].map(
    ([line, name, flags, state]) => {
      const carrier = (flags ?? '').split(',').includes('LOWER_UP');
      return { line, name, carrier, inMotion: carrier !== (state === 'UP' || state === 'UNKNOWN') };
    },
  );
  const withCarrier = new Set(links.filter(({ carrier }) => carrier).map(({ name }) => name));
  const addresses = [...text.matchAll(/^\d+: (\S+) +inet6 .*$/gm)]
    .filter(([line, name]) => withCarrier.has(name) && !line.includes(' dadfailed'))
    .map(([line]) => line);
  return [...links.filter(({ inMotion }) => inMotion).map(({ line }) => line), ...addresses];
}
