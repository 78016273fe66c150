import { existsSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { Command } from 'commander';
import { chosenPaths, PATHS } from './arguments.js';
import { EXIT } from './exit-code.js';
import { print } from './streams.js';
import { terminalOf } from './terminal.js';

interface DoctorOptions {
  readonly json?: true;
  readonly verbose?: true;
  readonly apparmorProfile?: true;
}

const AFTER = `
Everything is tried in a lab that is thrown away; nothing of the machine is
changed. Exits with 4 where something is missing without which no lab can be
built.

Examples:
  $ replypath doctor
  $ replypath doctor scenarios/mine.yaml   has this machine what they need?
  $ replypath doctor --json | jq '.checks[] | select(.status != "ok")'`;

export function addDoctorCommand(program: Command): void {
  program
    .command('doctor')
    .summary('say what this machine can do')
    .description('Say what this machine can do, what it cannot, and how to change that.')
    .argument(PATHS, 'scenarios to look at (default: scenarios/, or those that come with replypath)')
    .option('--json', 'as JSON')
    .option('--verbose', 'every feature, and the names of scenarios that cannot run')
    .option('--apparmor-profile', 'print a profile that permits user namespaces (Ubuntu 23.10 and newer)')
    .addHelpText('after', AFTER)
    .action(async (given: string[], options: DoctorOptions, command: Command) => {
      process.exitCode = options.apparmorProfile
        ? await printProfile()
        : await diagnose(command, given, options);
    });
}

async function printProfile(): Promise<number> {
  const { apparmorProfile } = await import('../system/doctor.js');
  print(apparmorProfile());
  return EXIT.passed;
}

async function diagnose(
  command: Command,
  given: string[],
  { json, verbose }: DoctorOptions,
): Promise<number> {
  const [{ checkMachine }, { readScenarios }, { machineReport }, { packageFolder }] = await Promise.all([
    import('../system/doctor.js'),
    import('./read-scenarios.js'),
    import('../run/suite.js'),
    import('../system/package-folder.js'),
  ]);
  const cwd = process.cwd();
  const packaged = relative(cwd, join(packageFolder(), 'scenarios'));
  const hasOwn = given.length > 0 || existsSync(join(cwd, 'scenarios'));
  const paths = hasOwn ? (chosenPaths(command, given, cwd) ?? []) : [packaged];
  const checking = checkMachine(cwd);
  const { scenarios, diagnostics } = await readScenarios(paths, cwd);
  const report = machineReport(await checking, {
    paths,
    scenarios,
    faults: diagnostics.length,
    command: hasOwn ? ['replypath run', ...given].join(' ') : 'replypath init',
  });
  if (json) {
    print(`${JSON.stringify(report, null, 2)}\n`);
  } else {
    const { machineText } = await import('../report/machine.js');
    print(machineText(report, terminalOf(process.stdout, process.env), verbose === true));
  }
  return report.ready ? EXIT.passed : EXIT.lab;
}
