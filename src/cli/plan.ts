import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { Command } from 'commander';
import type { Scenario } from '../model/scenario.js';
import { chosenPaths, PATHS, PATHS_HELP, regularExpression } from './arguments.js';
import { EXIT } from './exit-code.js';
import { print, tell } from './streams.js';
import { terminalOf } from './terminal.js';

const AFTER = `
The script makes the lab in namespaces of its own, applies each step and sends
its flows, and shows by which interfaces each node saw them. Nothing is run by
this command. One scenario is printed, or written to a file; a folder (an
existing one, or a name that ends with /) gets a script for each scenario that
matches.

Examples:
  $ replypath plan scenarios/recipes/a1-rt2.yaml --grep 'isp=bcp38 family=4'
  $ replypath plan scenarios/mine.yaml --output lab.sh
  $ replypath plan scenarios/recipes --output scripts/`;

interface PlanOptions {
  readonly grep?: RegExp;
  readonly output?: string;
}

export function addPlanCommand(program: Command): void {
  program
    .command('plan')
    .summary('print the lab of a scenario as a shell script')
    .description('Print the lab of a scenario, its steps and flows as a bash script that can be pasted.')
    .argument(PATHS, PATHS_HELP)
    .option('--grep <regexp>', 'only scenarios whose name (variant included) matches', regularExpression)
    .option('--output <file>', 'where to write the script, or a folder for several')
    .addHelpText('after', AFTER)
    .action(async (given: string[], options: PlanOptions, command: Command) => {
      const paths = chosenPaths(command, given, process.cwd());
      if (paths !== null) process.exitCode = await planScenarios(paths, options);
    });
}

async function planScenarios(paths: string[], { grep, output }: PlanOptions): Promise<number> {
  const [{ readScenarios, readingExitCode }, { EVERYTHING }] = await Promise.all([
    import('./read-scenarios.js'),
    import('../run/select.js'),
  ]);
  const selection = { ...EVERYTHING, grep: grep ?? null };
  const read = await readScenarios(paths, process.cwd(), selection);
  const { scenarios: selected, diagnostics } = read;
  const code = readingExitCode(read);
  if (diagnostics.length > 0) {
    const { validationText } = await import('../report/validation.js');
    process.stderr.write(
      validationText(selected.length, diagnostics, terminalOf(process.stderr, process.env)),
    );
  }
  const [first, ...others] = selected;
  if (first === undefined) {
    if (diagnostics.length === 0) tell(`no scenario's name matches ${grep}; replypath list prints the names`);
    return code;
  }
  const folder = output === undefined ? null : await folderOf(output);
  if (others.length > 0 && folder === null) {
    const { severalText } = await import('./several.js');
    tell(
      severalText(
        selected,
        'choose one by --grep, or give a folder by --output FOLDER/ for a script of each',
      ),
    );
    return EXIT.usage;
  }
  if (output === undefined) {
    print(await scriptOf(first));
    return code;
  }
  try {
    for (const scenario of selected) {
      const file = folder === null ? resolve(output) : join(folder, `${scenario.name}.sh`);
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, await scriptOf(scenario), { mode: 0o755 });
    }
  } catch (error) {
    tell(`the script cannot be written: ${error instanceof Error ? error.message : error}`);
    return EXIT.usage;
  }
  return code;
}

async function scriptOf(scenario: Scenario): Promise<string> {
  const [{ labScript }, { planFlows }, { planLab }, { packageVersion }] = await Promise.all([
    import('../script/script.js'),
    import('../plan/flows.js'),
    import('../plan/lab.js'),
    import('../system/package-folder.js'),
  ]);
  const origin = { version: packageVersion(), command: ['replypath', ...process.argv.slice(2)] };
  return labScript(planLab(scenario), planFlows(scenario), origin);
}

/** The folder that the output names; null where it names a file. */
async function folderOf(output: string): Promise<string | null> {
  const { statSync } = await import('node:fs');
  const isFolder =
    output.endsWith('/') || statSync(output, { throwIfNoEntry: false })?.isDirectory() === true;
  return isFolder ? resolve(output) : null;
}
