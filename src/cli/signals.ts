import { type EndingSignal, EXIT } from './exit-code.js';
import { tell } from './streams.js';

const SIGNALS: readonly EndingSignal[] = ['SIGINT', 'SIGTERM'];

/**
 * While it listens, the first SIGINT or SIGTERM asks the run to end in order, and the second ends
 * this process at once; the labs are tied to its life and go with it.
 */
export class EndingSignals {
  private readonly controller = new AbortController();
  private first: EndingSignal | null = null;

  constructor() {
    for (const signal of SIGNALS) process.on(signal, this.onSignal);
  }

  get abort(): AbortSignal {
    return this.controller.signal;
  }

  get received(): EndingSignal | null {
    return this.first;
  }

  stopListening(): void {
    for (const signal of SIGNALS) process.off(signal, this.onSignal);
  }

  private readonly onSignal = (signal: NodeJS.Signals): void => {
    const ending = signal === 'SIGINT' ? 'SIGINT' : 'SIGTERM';
    if (this.first !== null) process.exit(EXIT[ending]);
    this.first = ending;
    tell('ending the run and reporting what ran; the same signal again ends it at once');
    this.controller.abort();
  };
}
