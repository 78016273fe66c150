// Runs all scenarios of a folder with one worker, and keeps what it captured, or does not.
//
//   artifacts.js FOLDER [OUTPUT]      where to keep it; nothing is written without it
import { run } from '../../src/library/run.js';

const [folder = '', output = null] = process.argv.slice(2);
const { passed } = await run(folder, { workers: 1, output });
process.exitCode = passed ? 0 : 1;
