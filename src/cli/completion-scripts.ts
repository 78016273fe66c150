import type { CommandGrammar, Completable, Grammar, OptionGrammar } from './grammar.js';

/** For bash 4 and newer; it needs nothing of the package bash-completion. */
export function bashScript({ program, options, commands }: Grammar): string {
  const cases = commands.flatMap((command) => [
    `    ${command.name})`,
    `      options=${quoted(optionNames(command.options))}`,
    ...bashValues(command.options),
    `      argument=${quoted(bashWords(command.argument))}`,
    '      ;;',
  ]);
  return `# bash completion of ${program}
_${program}() {
  local current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD-1]}
  local command='' options='' argument='' values='' index word
  COMPREPLY=()
  # bash splits --option=value at the =.
  if [ "$current" = = ]; then current=''
  elif [ "$previous" = = ]; then previous=\${COMP_WORDS[COMP_CWORD-2]}
  fi
  for ((index = 1; index < COMP_CWORD; index++)); do
    word=\${COMP_WORDS[index]}
    case $word in -*) ;; *) command=$word; break ;; esac
  done
  case $command in
${cases.join('\n')}
    '')
      options=${quoted(optionNames(options))}
      argument=${quoted(`words:${commands.map(({ name }) => name).join(' ')}`)}
      ;;
  esac
  case $current in
    -*) [ -n "$values" ] || values="words:$options" ;;
    *) [ -n "$values" ] || values=$argument ;;
  esac
  case $values in
    words:*) mapfile -t COMPREPLY < <(compgen -W "\${values#words:}" -- "$current") ;;
    folder) compopt -o filenames; mapfile -t COMPREPLY < <(compgen -d -- "$current") ;;
    file) compopt -o filenames; mapfile -t COMPREPLY < <(compgen -f -- "$current") ;;
  esac
}
complete -F _${program} ${program}
`;
}

function bashValues(options: readonly OptionGrammar[]): readonly string[] {
  const arms = options.flatMap(({ names, value }) =>
    value === null ? [] : [`        ${names.join('|')}) values=${quoted(bashWords(value))} ;;`],
  );
  return arms.length === 0 ? [] : ['      case $previous in', ...arms, '      esac'];
}

function bashWords(value: Completable | null): string {
  return value === null ? '' : value.kind === 'words' ? `words:${value.words.join(' ')}` : value.kind;
}

/** For a file `_program` in zsh's fpath, or to be sourced once compinit has run. */
export function zshScript({ program, options, commands }: Grammar): string {
  const cases = commands.flatMap((command) => [
    `        ${command.name})`,
    `          _arguments ${[...command.options.flatMap(zshOptions), ...zshArgument(command)].join(' ')}`,
    '          ;;',
  ]);
  const names = commands.map(({ name, description }) => quoted(`${name}:${description}`));
  return `#compdef ${program}
_${program}() {
  local context state state_descr line
  local -A opt_args
  _arguments -C ${options.flatMap(zshOptions).join(' ')} '1: :->command' '*:: :->argument'
  case $state in
    command)
      local -a commands=(${names.join(' ')})
      _describe -t commands command commands
      ;;
    argument)
      case $line[1] in
${cases.join('\n')}
      esac
      ;;
  esac
}
if [ "$funcstack[1]" = _${program} ]; then _${program} "$@"; else compdef _${program} ${program}; fi
`;
}

function zshOptions({ names, description, value }: OptionGrammar): readonly string[] {
  const said = description.replace(/[[\]:\\]/g, '\\$&');
  const others = names.length > 1 ? `(${names.join(' ')})` : '';
  return names.map((name) =>
    quoted(
      `${others}${name}${value === null ? '' : '='}[${said}]${value === null ? '' : `:value:${zshAction(value)}`}`,
    ),
  );
}

function zshArgument({ argument }: CommandGrammar): readonly string[] {
  return argument === null ? [] : [quoted(`*: :${zshAction(argument)}`)];
}

function zshAction(value: Completable): string {
  switch (value.kind) {
    case 'words':
      return `(${value.words.join(' ')})`;
    case 'folder':
      return '_files -/';
    case 'file':
      return '_files';
    case 'text':
      return ' ';
  }
}

export function fishScript({ program, options, commands }: Grammar): string {
  const first = `complete -c ${program} -n __fish_use_subcommand`;
  const lines = [
    `complete -c ${program} -f`,
    ...options.map((option) => `${first} ${fishOption(option)}`),
    ...commands.map(({ name, description }) => `${first} -a ${name} -d ${fishQuoted(description)}`),
    ...commands.flatMap((command) => {
      const within = `complete -c ${program} -n ${fishQuoted(`__fish_seen_subcommand_from ${command.name}`)}`;
      return [
        ...(command.argument === null ? [] : [`${within} ${fishValue(command.argument, false)}`]),
        ...command.options.map((option) => `${within} ${fishOption(option)}`),
      ];
    }),
  ];
  return `# fish completion of ${program}\n${lines.join('\n')}\n`;
}

function fishOption({ names, description, value }: OptionGrammar): string {
  const flags = names.map((name) => (name.startsWith('--') ? `-l ${name.slice(2)}` : `-s ${name.slice(1)}`));
  const values = value === null ? [] : [fishValue(value, true)];
  return [...flags, ...values, '-d', fishQuoted(description)].join(' ');
}

/** `-r`: an option that wants a value. */
function fishValue(value: Completable, isOption: boolean): string {
  const requires = isOption ? '-r ' : '';
  switch (value.kind) {
    case 'words':
      return `${requires}-f -a ${fishQuoted(value.words.join(' '))}`;
    case 'folder':
      return `${requires}-f -a '(__fish_complete_directories)'`;
    case 'file':
      return `${requires}-F`;
    case 'text':
      return `${requires}-f`;
  }
}

function optionNames(options: readonly OptionGrammar[]): string {
  return options.flatMap(({ names }) => names).join(' ');
}

/** In single quotes for a POSIX shell. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/** In single quotes for fish, which knows two escapes in them. */
function fishQuoted(text: string): string {
  return `'${text.replace(/[\\']/g, '\\$&')}'`;
}
