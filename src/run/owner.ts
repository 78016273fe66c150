import { chown, mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Gives a file or folder to the user who called, where that was by sudo. */
export async function giveToCaller(path: string): Promise<void> {
  const { SUDO_UID, SUDO_GID } = process.env;
  if (process.getuid?.() === 0 && SUDO_UID && SUDO_GID) await chown(path, Number(SUDO_UID), Number(SUDO_GID));
}

/** Makes a folder and those above it that are missing; they belong to the user who called. */
export async function makeFolder(folder: string): Promise<void> {
  const first = await mkdir(folder, { recursive: true });
  for (let made = folder; first !== undefined && made.length >= first.length; made = dirname(made))
    await giveToCaller(made);
}
