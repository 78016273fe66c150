import type { Repair } from '../model/diagnosis.js';
import type { Family } from '../model/family.js';
import type { Endpoint } from '../model/topology.js';

/** Who was asked for a layer-2 address, and by whom. */
export interface Asked {
  readonly family: Family;
  readonly target: string;
  /** The node and interface that asked. */
  readonly asker: Endpoint;
  /** The source that the packet has, of which IPv4 asks first where it is the asker's own; null where it is not known. */
  readonly source: string | null;
}

/** Why the interface that has an address did not answer for it, to close a sentence, and what would change that. */
export interface Silence {
  readonly why: string;
  /** Null where what would change it is not known. */
  readonly repair: Repair | null;
}
