import { deserialize, serialize } from 'node:v8';
import type { ScenarioResult } from '../model/result.js';
import type { Scenario } from '../model/scenario.js';
import type { CaptureMethod, Explained, StatesKept } from '../model/settings.js';
import type { FeatureAttempt } from '../system/kernel-features.js';

/** What a guest is told. */
export type ToGuest =
  | {
      readonly type: 'scenario';
      readonly number: number;
      readonly scenario: Scenario;
      readonly attempt: number;
      readonly capture: CaptureMethod;
      readonly explained: Explained;
      /** Folder for what is kept, the same outside; null where nothing is. */
      readonly output: string | null;
      readonly states: StatesKept;
    }
  /** Try every feature. */
  | { readonly type: 'features'; readonly number: number };

/** What it tells. */
export type FromGuest =
  | { readonly type: 'ready' }
  /** That it is alive, also while nothing else is to be said. */
  | { readonly type: 'beat' }
  | { readonly type: 'result'; readonly number: number; readonly result: ScenarioResult }
  | { readonly type: 'features'; readonly number: number; readonly attempts: readonly FeatureAttempt[] }
  /** A bug of ours, or captures that could not be written. */
  | { readonly type: 'failed'; readonly number: number; readonly message: string };

const LENGTH_BYTES = 4;

/** A message as bytes: its length, then what V8 makes of it, which has a form for regular expressions too. */
export function frame(message: ToGuest | FromGuest): Buffer {
  const body = serialize(message);
  const length = Buffer.alloc(LENGTH_BYTES);
  length.writeUInt32BE(body.length);
  return Buffer.concat([length, body]);
}

/** Makes messages of a stream of bytes. */
export class Frames<Message> {
  #chunks: Buffer[] = [];
  #size = 0;

  *add(chunk: Buffer): Generator<Message> {
    this.#chunks.push(chunk);
    this.#size += chunk.length;
    while (this.#size >= LENGTH_BYTES) {
      const bytes = this.#chunks.length === 1 ? (this.#chunks[0] ?? chunk) : Buffer.concat(this.#chunks);
      this.#chunks = [bytes];
      const end = LENGTH_BYTES + bytes.readUInt32BE(0);
      if (bytes.length < end) return;
      this.#chunks = [bytes.subarray(end)];
      this.#size -= end;
      yield deserialize(bytes.subarray(LENGTH_BYTES, end)) as Message;
    }
  }
}
