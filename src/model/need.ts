import type { Feature } from './feature.js';

/** A program that scripts call. */
export interface ToolNeed {
  readonly tool: string;
  /** The oldest version that will do; null where any will. */
  readonly oldest: string | null;
}

/** What a scenario needs of the machine that it runs on, beyond what every lab needs. */
export type Need = Feature | 'root' | ToolNeed;

/** As people read it, and another for each that differs: `vlan`, `root`, `wg`, `nft>=1.0.6`. */
export function needName(need: Need): string {
  if (typeof need === 'string') return need;
  return need.oldest === null ? need.tool : `${need.tool}>=${need.oldest}`;
}
