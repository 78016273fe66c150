import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Argument, Command, Option } from 'commander';
import t from 'tap';
import { commandLine } from '../../src/cli/command-line.js';
import { bashScript, fishScript, zshScript } from '../../src/cli/completion-scripts.js';
import { grammarOf } from '../../src/cli/grammar.js';

const MAIN = fileURLToPath(new URL('../../src/cli/main.js', import.meta.url));

function replypath(...args: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [MAIN, ...args], { encoding: 'utf8' });
  return { code: status, stdout, stderr };
}

/** The program of a shell where it is installed. */
function installed(shell: string): boolean {
  return spawnSync(shell, ['-c', 'true']).status === 0;
}

/** A folder to complete names in, with the script of each shell. */
function folder(t: {
  testdir: (content: Record<string, string | Record<string, string>>) => string;
}): string {
  const cwd = t.testdir({
    'a b.yaml': '',
    'it[1].yaml': '',
    scenarios: { 'mine.yaml': '' },
  });
  for (const shell of ['bash', 'zsh', 'fish'])
    writeFileSync(join(cwd, `completion.${shell}`), replypath('completion', shell).stdout);
  return cwd;
}

const NAMES = commandLine()
  .commands.map((command) => command.name())
  .concat('help');

/** What a shell offers for a command line of `replypath`: some of it, or just that. */
const TABLE: readonly (readonly [line: string, offered: readonly string[]])[] = [
  ['', NAMES],
  ['do', ['doctor']],
  ['--ver', ['--version']],
  ['completion ', ['bash', 'zsh', 'fish']],
  ['schema sc', ['scenario']],
  ['run --rep', ['--repeat-each', '--reporter']],
  ['run --capture ', ['agent', 'tcpdump']],
  ['run --capture=t', ['tcpdump']],
  ['run scenarios/', ['scenarios/mine.yaml']],
  ['list --grep ', []],
  ['help val', ['validate']],
];

t.test('the command prints the script of each shell', async (t) => {
  for (const shell of ['bash', 'zsh', 'fish']) {
    const { code, stdout, stderr } = replypath('completion', shell);
    t.match({ code, stderr }, { code: 0, stderr: '' }, shell);
    for (const name of NAMES) t.match(stdout, name, `${shell}: ${name}`);
  }
  t.match(replypath('completion', 'csh'), {
    code: 2,
    stdout: '',
    stderr: /Allowed choices are bash, zsh, fish/,
  });
  t.match(replypath('completion', '--help').stdout, '_replypath');
});

t.test('every command and option is there', async (t) => {
  const program = commandLine();
  const { commands } = grammarOf(program);
  const scripts = { bash: bashScript, zsh: zshScript, fish: fishScript };
  for (const [shell, script] of Object.entries(scripts)) {
    const text = script(grammarOf(program));
    for (const command of program.commands) {
      t.ok(
        commands.some(({ name }) => name === command.name()),
        command.name(),
      );
      for (const { long } of command.options) {
        const name = shell === 'fish' ? `-l ${long?.slice(2)} ` : long;
        t.ok(text.includes(String(name)), `${shell}: ${command.name()} ${long}`);
      }
    }
  }
});

t.test('bash', async (t) => {
  const cwd = folder(t);
  /** Bash's own splitting of a line into COMP_WORDS, at blanks and at =. */
  const offered = (line: string): string[] => {
    const words = `replypath ${line}`.split(/ +|(?==)|(?<==)/);
    const script = [
      'source ./completion.bash || exit',
      'compopt() { :; }', // it is an error outside of a completion
      'COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))',
      '_replypath || exit',
      `printf '%s\\n' "\${COMPREPLY[@]}"`,
    ].join('\n');
    const { status, stdout, stderr } = spawnSync('bash', ['--norc', '-uc', script, 'bash', ...words], {
      cwd,
      encoding: 'utf8',
    });
    t.strictSame({ status, stderr }, { status: 0, stderr: '' }, line);
    return stdout.split('\n').filter((word) => word !== '');
  };
  for (const [line, expected] of TABLE) t.strictSame(offered(line).sort(), [...expected].sort(), line);
  t.strictSame(offered('run a'), ['a b.yaml'], 'a name with a blank is one');
  t.strictSame(offered('run it'), ['it[1].yaml'], 'nothing is expanded');
  t.strictSame(offered('run --output '), ['scenarios'], 'folders only');
  t.ok(offered('run -').includes('--grep'));
});

t.test('fish', { skip: !installed('fish') && 'fish is not installed' }, async (t) => {
  const cwd = folder(t);
  const offered = (line: string): string[] => {
    const script = `source completion.fish; complete -C 'replypath ${line}'`;
    const { stdout, stderr } = spawnSync('fish', ['--no-config', '-c', script], { cwd, encoding: 'utf8' });
    t.equal(stderr, '', line);
    const words = stdout.split('\n').map((each) => each.split('\t')[0] ?? '');
    // What it offers for --option=value begins with the option.
    return words.filter((word) => word !== '').map((word) => word.replace(/^--[a-z]+=/, ''));
  };
  for (const [line, expected] of TABLE) t.strictSame(offered(line).sort(), [...expected].sort(), line);
});

t.test('zsh', { skip: !installed('zsh') && 'zsh is not installed' }, async (t) => {
  const cwd = folder(t);
  // A zsh of its own in a pseudo-terminal, in which Tab lists what is offered.
  const offered = (line: string): string => {
    const script = `
      zmodload zsh/zpty
      zpty shell zsh -f -i
      zpty -w shell "PROMPT=; unsetopt zle_bracketed_paste; autoload -Uz compinit; compinit -u -D; source ./completion.zsh"
      zpty -w shell "zstyle ':completion:*' list-prompt ''; setopt no_auto_menu; bindkey '^I' list-choices; LISTMAX=1000; print READY"
      zpty -r shell output '*READY*READY*'
      zpty -n -w shell 'replypath ${line}'$'\\t'
      sleep 1
      while zpty -r -t shell output; do print -r -- "$output"; done
      zpty -d shell`;
    return spawnSync('zsh', ['-fc', script], { cwd, encoding: 'utf8', timeout: 20_000 }).stdout;
  };
  for (const [line, expected] of TABLE.filter(([, words]) => words.length > 1)) {
    const text = offered(line);
    for (const word of expected) t.match(text, word, `${line}: ${word}`);
  }
});

t.test('texts that a shell would read', async (t) => {
  const program = new Command('tool');
  program
    .command('do')
    .description('what `date` is: $(date) [now] or "never"; it\'s \\n here')
    .addOption(new Option('--how <it>', "it's $(date) [or] `date`").choices(['a', 'b']))
    .addArgument(new Argument('<file>'));
  const grammar = grammarOf(program);
  const cwd = t.testdir({});
  for (const [shell, script] of [
    ['bash', bashScript],
    ['zsh', zshScript],
    ['fish', fishScript],
  ] as const) {
    if (!installed(shell)) continue;
    writeFileSync(join(cwd, shell), script(grammar));
    const { status, stderr } = spawnSync(shell, ['-n', shell], { cwd, encoding: 'utf8' });
    t.strictSame({ status, stderr }, { status: 0, stderr: '' }, shell);
  }
});
