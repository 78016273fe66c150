import { Console } from './console.js';
import { cpio } from './cpio.js';
import { GuestError } from './kernel.js';
import { Frames, type FromGuest, frame, type ToGuest } from './messages.js';
import { type Acceleration, startQemu } from './qemu.js';
import { type Start, startScript } from './start.js';

/** From the command to the program's first word: some 5 s under emulation, more on a machine that is busy. */
const BOOT_MS = 120_000;

/** It sends a word every second. */
const SILENCE_MS = 60_000;

export interface GuestOptions extends Start {
  readonly acceleration: Acceleration;
  /** Where what the guest's console shows is kept; null for nowhere. */
  readonly console: string | null;
  readonly onMessage: (message: FromGuest) => void;
  /** How long it may be silent, in milliseconds. */
  readonly silenceMs?: number;
}

/** A virtual machine that has booted and answers. */
export interface Guest {
  send(message: ToGuest): void;
  /** Why it is no more, once that is so: what it said last. Never rejects. */
  readonly ended: Promise<GuestError>;
  /** Ends it at once. Safe to call twice. */
  close(): Promise<void>;
}

/**
 * Boots a guest. It ends with this process, and leaves no file.
 *
 * @throws GuestError where it ends or hangs before it answers, or `signal` is aborted
 */
export async function bootGuest(options: GuestOptions, signal: AbortSignal): Promise<Guest> {
  const { kernel, acceleration, output, silenceMs = SILENCE_MS } = options;
  const start = cpio([{ path: 'start', content: Buffer.from(startScript(options)) }]);
  const screen = await Console.open(options.console);
  const qemu = await startQemu({ kernel, acceleration, output }, start);
  const { port, kill } = qemu;
  for (const stream of qemu.console) stream.on('data', (chunk: Buffer) => screen.add(chunk));

  const what = `the virtual machine with ${kernel.release}`;
  let complaint = 'ended by itself';
  let patience: NodeJS.Timeout | undefined;
  const ended = qemu.ended.then(() => {
    clearTimeout(patience);
    signal.removeEventListener('abort', kill);
    screen.end();
    port.destroy();
    return new GuestError(`${what} ${complaint}: ${screen.last}`, screen.hint);
  });
  signal.addEventListener('abort', kill);
  if (signal.aborted) kill();
  const expectWithin = (ms: number, otherwise: string) => {
    clearTimeout(patience);
    patience = setTimeout(() => {
      complaint = `${otherwise} within ${ms / 1000} s`;
      kill();
    }, ms);
  };

  const ready = new Promise<null>((resolve) => {
    const frames = new Frames<FromGuest>();
    port.on('data', (chunk) => {
      for (const message of frames.add(chunk)) {
        expectWithin(silenceMs, 'gave no sign of life');
        if (message.type === 'ready') resolve(null);
        else options.onMessage(message);
      }
    });
  });
  expectWithin(BOOT_MS, 'did not begin');
  const failure = await Promise.race([ready, ended]);
  if (failure !== null) throw failure;
  const close = async () => {
    kill();
    await ended;
  };
  return { send: (message) => void port.write(frame(message)), ended, close };
}
