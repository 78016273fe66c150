/** Writes to standard output, which carries the report that was asked for and nothing else. */
export function print(text: string): void {
  process.stdout.write(text);
}

/** Takes away what is drawn on the terminal for the moment only. */
let erase: (() => void) | null = null;

/**
 * Has what is drawn on the terminal taken away before anything else is written there, and when the process ends,
 * until the function that it gives back is called. There is one drawing at a time.
 */
export function eraseBeforeWriting(drawn: () => void): () => void {
  erase = drawn;
  process.once('exit', drawn);
  return () => {
    erase = null;
    process.off('exit', drawn);
  };
}

/** Writes one message to standard error. */
export function tell(message: string): void {
  erase?.();
  process.stderr.write(`replypath: ${message}\n`);
}

/** Goes on in silence where nobody reads any more (`| head`): the exit code is still the true one. */
export function toleratesClosedPipes(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error;
    });
  }
}
