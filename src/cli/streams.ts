/** Writes to standard output, which carries the report that was asked for and nothing else. */
export function print(text: string): void {
  process.stdout.write(text);
}

/** Writes one message to standard error. */
export function tell(message: string): void {
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
