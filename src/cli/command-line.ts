import { Command } from 'commander';
import { packageVersion } from '../system/package-folder.js';
import { addCompletionCommand } from './completion.js';
import { addDoctorCommand } from './doctor.js';
import { addExplainCommand } from './explain.js';
import { addInitCommand } from './init.js';
import { addListCommand } from './list.js';
import { addPlanCommand } from './plan.js';
import { addReportCommand } from './report.js';
import { addRunCommand } from './run.js';
import { addSchemaCommand } from './schema.js';
import { addValidateCommand } from './validate.js';

const AFTER = `
Exit codes:
  0  all passed or skipped       4  lab or recipe error, or a tool is missing
  1  a scenario failed           5  nothing selected
  2  usage                       6  something was left behind
  3  a scenario is invalid      70  a bug in replypath; 130, 143: a signal

Examples:
  $ replypath run                       every scenario below scenarios/
  $ replypath run scenarios/mine.yaml   one file
  $ replypath doctor                    what this machine can do`;

/** The whole command line; what a command needs is imported only when it is the one that was asked for. */
export function commandLine(): Command {
  const program = new Command('replypath')
    .description(
      'A test lab for Linux policy routing: which way the request came in, which way the reply went out.',
    )
    .version(packageVersion(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print help')
    .helpCommand('help [command]', 'print help for a command')
    .addHelpText('after', AFTER)
    .showHelpAfterError('(--help says what there is)')
    .exitOverride();
  addRunCommand(program);
  addExplainCommand(program);
  addReportCommand(program);
  addListCommand(program);
  addValidateCommand(program);
  addPlanCommand(program);
  addSchemaCommand(program);
  addInitCommand(program);
  addDoctorCommand(program);
  addCompletionCommand(program);
  return program;
}
