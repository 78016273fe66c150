import { EXIT } from './exit-code.js';

/** What was asked for cannot be written, and nothing is. */
export class InitFault extends Error {
  override name = 'InitFault';

  constructor(
    message: string,
    readonly exit: number = EXIT.usage,
  ) {
    super(message);
  }
}
