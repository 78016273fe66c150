import type { LabNode } from '../build/lab.js';
import type { Family } from '../model/family.js';
import type { Outcome } from './outcome.js';

/** A ruleset for nft(8): all of it or nothing. */
export function applyNft(node: LabNode, ruleset: string, timeoutMs: number): Promise<Outcome> {
  return load(node, ['nft', '-f', '-'], ruleset, timeoutMs);
}

/** A ruleset for iptables-restore(8), a table at a time. */
export function applyIptables(
  node: LabNode,
  family: Family,
  ruleset: string,
  timeoutMs: number,
): Promise<Outcome> {
  return load(node, [family === 4 ? 'iptables-restore' : 'ip6tables-restore'], ruleset, timeoutMs);
}

async function load(
  node: LabNode,
  argv: readonly [string, ...string[]],
  ruleset: string,
  timeoutMs: number,
): Promise<Outcome> {
  const { exit, stdout, stderr, timedOut } = await node.agent.run(argv, { stdin: ruleset, timeoutMs });
  const message = `${stdout}${stderr}`.trim();
  // nft: `/dev/stdin:3:5-10: Error: ...`; iptables-restore: `Error occurred at line: 3`, `line 3 failed`.
  const line = /stdin:(\d+):|line:? (\d+)/.exec(message);
  const command = {
    line: Number(line?.[1] ?? line?.[2] ?? 1),
    text: argv.join(' '),
    exit,
    message,
    failed: exit !== 0,
  };
  return { commands: [command], timedOut };
}
