import { existsSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { Command } from 'commander';
import { chosenPaths, PATHS } from './arguments.js';
import { EXIT } from './exit-code.js';
import { print, tell } from './streams.js';
import { terminalOf } from './terminal.js';

interface DoctorOptions {
  readonly json?: true;
  readonly verbose?: true;
  readonly apparmorProfile?: true;
}

const AFTER = `
Everything is tried in a lab that is thrown away; nothing of the machine is
changed. A kernel that run --kernel has fetched is booted once in a virtual
machine to see what it can do. Exits with 4 where something is missing without
which no lab can be built on this machine.

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
  const [
    { checkMachine, isRootless },
    { readScenarios },
    { machineReport, toolsOf },
    { checkGuests },
    { packageFolder },
  ] = await Promise.all([
    import('../system/doctor.js'),
    import('./read-scenarios.js'),
    import('../run/suite.js'),
    import('../run/guest-check.js'),
    import('../system/package-folder.js'),
  ]);
  const cwd = process.cwd();
  const packaged = relative(cwd, join(packageFolder(), 'scenarios'));
  const hasOwn = given.length > 0 || existsSync(join(cwd, 'scenarios'));
  const paths = hasOwn ? (chosenPaths(command, given, cwd) ?? []) : [packaged];
  const reading = readScenarios(paths, cwd);
  const checks = await checkMachine(
    cwd,
    reading.then(({ scenarios }) => toolsOf(scenarios)),
  );
  const { scenarios, diagnostics } = await reading;
  const guests = await checkGuests(cwd, (release) =>
    tell(`booting a virtual machine with ${release}, once, to see what it can do`),
  );
  const suite = {
    ...{ paths, scenarios, faults: diagnostics.length, rootless: isRootless() },
    command: hasOwn ? ['replypath run', ...given].join(' ') : 'replypath init',
  };
  const report = machineReport([...checks, guests.check], suite, guests.kernels);
  if (json) {
    print(`${JSON.stringify(report, null, 2)}\n`);
  } else {
    const { machineText } = await import('../report/machine.js');
    print(machineText(report, terminalOf(process.stdout, process.env), verbose === true));
  }
  return report.ready ? EXIT.passed : EXIT.lab;
}
