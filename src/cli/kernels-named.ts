import { GuestError } from '../guest/kernel.js';
import { type KernelChoice, KernelNamesError, kernelChoices } from '../run/kernels.js';
import { EXIT } from './exit-code.js';
import { tell } from './streams.js';

/** All of them ready; an exit code where one cannot be had, or two are the same, which has been told. */
export async function kernelsNamed(names: readonly string[]): Promise<readonly KernelChoice[] | number> {
  try {
    return await kernelChoices(names, (release) =>
      tell(`fetching the kernel ${release} from Debian's archive, some 100 MB, once`),
    );
  } catch (error) {
    if (!(error instanceof GuestError || error instanceof KernelNamesError)) throw error;
    tell(error.message);
    return error instanceof GuestError ? EXIT.lab : EXIT.usage;
  }
}
