import type { Command } from 'commander';
import { EXIT } from './exit-code.js';
import { print } from './streams.js';
import { terminalOf } from './terminal.js';

const AFTER = `
Exits with 4 where something is missing without which no lab can be built.

Examples:
  $ replypath doctor
  $ replypath doctor --json`;

export function addDoctorCommand(program: Command): void {
  program
    .command('doctor')
    .summary('say what this machine can do')
    .description('Say what this machine can do, what it cannot, and how to change that.')
    .option('--json', 'as JSON')
    .addHelpText('after', AFTER)
    .action(async (options: { json?: true }) => {
      const { checkMachine } = await import('../system/doctor.js');
      const checks = await checkMachine();
      if (options.json) {
        print(`${JSON.stringify(checks, null, 2)}\n`);
      } else {
        const { machineText } = await import('../report/machine.js');
        print(machineText(checks, terminalOf(process.stdout, process.env)));
      }
      process.exitCode = checks.some(({ status }) => status === 'missing') ? EXIT.lab : EXIT.passed;
    });
}
