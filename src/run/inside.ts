/*
 * The program in a guest: carries out the scenarios that it is told of through the guest's port, as `here` would.
 * It ends with the guest.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { Frames, type FromGuest, frame, type ToGuest } from '../guest/messages.js';
import { ArtifactsFolder } from './artifacts/artifacts-folder.js';
import { here } from './here.js';
import { reasonOfError, statusOf } from './reason.js';

const PORTS = '/sys/class/virtio-ports';

/** A sixtieth of what the other side waits. */
const BEAT_MS = 1_000;

/** Emulated, on a machine that is busy, the first sandbox was seen to take more than half a minute. */
const PATIENCE_MS = 120_000;

const port = await open(portDevice(), 'r+');
const place = here(true, PATIENCE_MS);
/** A port has one writer at a time. */
let saying: Promise<unknown> = Promise.resolve();
setInterval(() => say({ type: 'beat' }), BEAT_MS);
say({ type: 'ready' });
const frames = new Frames<ToGuest>();
for (;;) {
  const { bytesRead, buffer } = await port.read({ buffer: Buffer.alloc(65_536) });
  if (bytesRead === 0) break;
  for (const message of frames.add(buffer.subarray(0, bytesRead)))
    void (message.type === 'scenario' ? carryOut(message) : tryFeatures(message.number));
}
process.exit();

type ScenarioMessage = Extract<ToGuest, { type: 'scenario' }>;

async function carryOut({
  number,
  scenario,
  attempt,
  capture,
  explained,
  output,
  states,
}: ScenarioMessage): Promise<void> {
  const artifacts = output === null ? null : new ArtifactsFolder(output, states);
  const { signal } = new AbortController();
  try {
    const result = await place.carryOut(scenario, { attempt, capture, explained, artifacts, signal });
    const unwritten = await artifacts?.written().then(
      () => null,
      (error: unknown) => reasonOfError(error),
    );
    // The guest may end at any time: what is said to be kept has to be there.
    if (!unwritten) say({ type: 'result', number, result });
    else
      say({ type: 'result', number, result: { ...result, status: statusOf(unwritten), reason: unwritten } });
  } catch (error) {
    say({ type: 'failed', number, message: error instanceof Error ? (error.stack ?? '') : String(error) });
  }
}

async function tryFeatures(number: number): Promise<void> {
  try {
    say({ type: 'features', number, attempts: await place.features() });
  } catch (error) {
    say({ type: 'failed', number, message: error instanceof Error ? error.message : String(error) });
  }
}

function say(message: FromGuest): void {
  saying = saying.then(() => writeAll(frame(message)));
}

async function writeAll(bytes: Buffer): Promise<void> {
  for (let written = 0; written < bytes.length; ) {
    written += (await port.write(bytes, written)).bytesWritten;
  }
}

/** The device of the port named replypath; Documentation/ABI: /sys/class/virtio-ports/NAME/name. */
function portDevice(): string {
  const name = readdirSync(PORTS).find(
    (each) => readFileSync(join(PORTS, each, 'name'), 'utf8').trim() === 'replypath',
  );
  if (name === undefined) throw new Error(`${PORTS} has no port named replypath`);
  return join('/dev', name);
}
