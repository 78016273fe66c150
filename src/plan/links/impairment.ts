import type { Need } from '../../model/need.js';
import type { Impairment } from '../../model/topology.js';

/** What delays need of the kernel, and what losses do. */
export function needsOfImpairment({
  impairment,
}: {
  readonly impairment: Impairment | null;
}): readonly Need[] {
  if (impairment === null) return [];
  return [
    ...(impairment.delayMs > 0 ? (['netem'] as const) : []),
    ...(impairment.lossPpm > 0 ? (['nftables'] as const) : []),
  ];
}

/** Two packets of 1500 bytes: less than one would let none pass (tc-tbf(8)), more would let bursts of them. */
const BURST = '3200b';

/** How long packets may wait for their turn, before what comes is dropped. */
const LONGEST_WAIT = '400ms';

/**
 * Commands for `tc -batch` in the sandbox. They are of the ports, beyond which is the other end: a node's own queueing
 * disciplines are its own affair, and a packet that is dropped has left the sender and never enters the receiver.
 */
export function trafficControl(
  { delayMs, jitterMs, rate }: Impairment,
  ports: readonly string[],
): readonly string[] {
  const add = (discipline: string) => ports.map((port) => `qdisc add dev ${port} root ${discipline}`);
  if (delayMs > 0) {
    const jitter = jitterMs > 0 ? ` ${jitterMs}ms` : '';
    return add(`netem delay ${delayMs}ms${jitter}${rate === null ? '' : ` rate ${rate}`}`);
  }
  return rate === null ? [] : add(`tbf rate ${rate} burst ${BURST} latency ${LONGEST_WAIT}`);
}

const MILLION = 1_000_000;

/** A ruleset for `nft -f` in the sandbox, which drops at random what enters the ports; none without losses. */
export function lossChains({ lossPpm }: Impairment, ports: readonly string[]): readonly string[] {
  if (lossPpm === 0) return [];
  return ports.flatMap((port) => [
    `  chain ${port} {`,
    `    type filter hook ingress device "${port}" priority 0`,
    // nft refuses to compare with what no number of them is.
    lossPpm >= MILLION ? '    drop' : `    numgen random mod ${MILLION} < ${lossPpm} drop`,
    '  }',
  ]);
}
