import type { Argument, Command, Option } from 'commander';

/** What may follow: one of some words, a file (a folder leads to one), a folder, or what nobody can guess. */
export type Completable =
  | { readonly kind: 'words'; readonly words: readonly string[] }
  | { readonly kind: 'file' }
  | { readonly kind: 'folder' }
  | { readonly kind: 'text' };

export interface OptionGrammar {
  /** `--reporter`, `-h`: as typed. */
  readonly names: readonly string[];
  readonly description: string;
  /** Null for an option without a value. */
  readonly value: Completable | null;
}

export interface CommandGrammar {
  readonly name: string;
  readonly description: string;
  readonly options: readonly OptionGrammar[];
  /** What its arguments may be; null for a command without any. */
  readonly argument: Completable | null;
}

/** What a command line may consist of, as far as completing it goes. */
export interface Grammar {
  readonly program: string;
  readonly options: readonly OptionGrammar[];
  readonly commands: readonly CommandGrammar[];
}

/** Read from the definition that parses the command line, so that both are always the same. */
export function grammarOf(program: Command): Grammar {
  const help = program.createHelp();
  const commands = help.visibleCommands(program).map((command) => ({
    name: command.name(),
    description: help.subcommandDescription(command),
    options: help.visibleOptions(command).map(optionGrammar),
    argument: argumentGrammar(command.registeredArguments[0]),
  }));
  const names = commands.map(({ name }) => name);
  return {
    program: program.name(),
    options: help.visibleOptions(program).map(optionGrammar),
    // `help` is made by commander and does not say that its argument is a command.
    commands: commands.map((command) =>
      command.name === 'help' ? { ...command, argument: { kind: 'words', words: names } } : command,
    ),
  };
}

function optionGrammar(option: Option): OptionGrammar {
  const names = [option.short, option.long].filter((name) => name !== undefined && name !== null);
  return { names, description: option.description, value: valueGrammar(option) };
}

function valueGrammar({ argChoices, required, optional, flags }: Option): Completable | null {
  if (!required && !optional) return null;
  if (argChoices !== undefined) return { kind: 'words', words: argChoices };
  return byName(/[<[]([^\]>]*)[\]>]/.exec(flags)?.[1] ?? '');
}

function argumentGrammar(argument: Argument | undefined): Completable | null {
  if (argument === undefined) return null;
  if (argument.argChoices !== undefined) return { kind: 'words', words: argument.argChoices };
  return byName(argument.name());
}

/** The name by which help calls a value says what it is. */
function byName(name: string): Completable {
  if (/folder|directory/.test(name)) return { kind: 'folder' };
  return /file|path/.test(name) ? { kind: 'file' } : { kind: 'text' };
}
