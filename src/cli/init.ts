import { type Command, Option } from 'commander';
import { VERDICTS, type VerdictName } from '../model/verdict.js';
import { outputFolder } from './arguments.js';
import { EXIT } from './exit-code.js';
import { tell } from './streams.js';

export interface InitOptions {
  readonly topology?: string;
  readonly inline?: true;
  readonly title?: string;
  readonly from?: string;
  readonly to?: string;
  readonly probe?: readonly string[];
  readonly family?: '4' | '6';
  readonly node?: string;
  readonly policyFile?: string;
  readonly expect?: VerdictName;
  readonly expectFromRun?: true;
  readonly yes?: true;
  readonly force?: true;
  readonly output: string;
}

const AFTER = `
Asks for what is not given, where standard input and output are a terminal;
Enter takes what is proposed. --expect-from-run builds the lab once and writes
down what its packets do, so that the scenario passes until that changes.

Examples:
  $ replypath init
  $ replypath init ssh --to server:eth1 --probe tcp/22 --expect-from-run
  $ replypath init fix --policy-file recipe.sh --to server:eth1 --probe ping
  $ replypath init office --topology new --yes`;

export function addInitCommand(program: Command): void {
  program
    .command('init')
    .summary('write a scenario of your own')
    .description('Write a scenario of your own that runs, from a few questions or from options.')
    .argument('[name]', 'name of the scenario: NAME.yaml is written')
    .option('--topology <name>', 'the network: one of lab/topologies, or new for a small one to change')
    .option('--inline', 'write the topology into the scenario, to change it there')
    .option('--title <text>', 'what the scenario shows')
    .option('--from <node>', 'the node that asks')
    .option('--to <endpoint>', 'what is asked: node:interface, or an address')
    .option('--probe <probe>', 'ping, tcp/PORT or udp/PORT; may be repeated', collected)
    .addOption(new Option('--family <number>', 'only this family').choices(['4', '6']))
    .option('--policy-file <file>', 'a shell script to apply before the probes')
    .option('--node <node>', 'where it is applied (default: the node under test)')
    .addOption(new Option('--expect <verdict>', 'what should come of the probes').choices(VERDICTS))
    .addOption(new Option('--expect-from-run', 'expect what happens now').conflicts('expect'))
    .option('--yes', 'ask nothing, take what would be proposed')
    .option('--force', 'replace the file where it is there already')
    .option('--output <folder>', 'where to write', outputFolder, 'scenarios')
    .addHelpText('after', AFTER)
    .action(async (name: string | undefined, options: InitOptions) => {
      process.exitCode = await init(name, options);
    });
}

function collected(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}

async function init(name: string | undefined, options: InitOptions): Promise<number> {
  const [{ Cancelled }, { InitFault }, { writeScenario }] = await Promise.all([
    import('./questions.js'),
    import('./init-fault.js'),
    import('./write-scenario.js'),
  ]);
  try {
    await writeScenario(name, options, process.cwd());
    return EXIT.passed;
  } catch (error) {
    if (error instanceof Cancelled) {
      process.stderr.write('\n');
      tell('cancelled, nothing is written');
      return error.by === 'interrupt' ? EXIT.SIGINT : EXIT.usage;
    }
    if (!(error instanceof InitFault)) throw error;
    tell(error.message);
    return error.exit;
  }
}
