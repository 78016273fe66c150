import { Argument, type Command } from 'commander';
import { print } from './streams.js';

const SHELLS = ['bash', 'zsh', 'fish'] as const;
type Shell = (typeof SHELLS)[number];

const AFTER = `
Install it, in a new shell it is there:
  bash  cd ~/.local/share/bash-completion/completions
        replypath completion bash > replypath
  zsh   replypath completion zsh > "\${fpath[1]}/_replypath"
  fish  replypath completion fish > ~/.config/fish/completions/replypath.fish

Examples:
  $ source <(replypath completion bash)
  $ replypath completion fish | source`;

export function addCompletionCommand(program: Command): void {
  program
    .command('completion')
    .summary('print a script that completes command lines')
    .description('Print a script with which a shell completes commands, options and their values.')
    .addArgument(new Argument('<shell>', 'which shell').choices(SHELLS))
    .addHelpText('after', AFTER)
    .action(async (shell: Shell) => {
      const { grammarOf } = await import('./grammar.js');
      const { bashScript, fishScript, zshScript } = await import('./completion-scripts.js');
      const scripts = { bash: bashScript, zsh: zshScript, fish: fishScript };
      print(scripts[shell](grammarOf(program)));
    });
}
