import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { commandLine } from '../../src/cli/command-line.js';
import { packageFolder } from '../../src/system/package-folder.js';
import { argumentsOf, objectionTo } from '../docs/typed.js';
import { replypathIn } from './replypath.js';

/** Of each command: what it prints of itself, and the page that explains its options. */
const COMMANDS = commandLine().commands;
const PAGE = 'docs/command.md';

const page = readFileSync(join(packageFolder(), PAGE), 'utf8');

/** The text below a heading of the page, that below its own headings included. */
function section(heading: string): string {
  const [, marks = ''] = new RegExp(`^(#+) ${heading}$`, 'm').exec(page) ?? [];
  const text = page.slice(page.indexOf(`${marks} ${heading}\n`) + marks.length + 1);
  return marks === '' ? '' : (text.split(new RegExp(`^#{1,${marks.length}} `, 'm'))[0] ?? '');
}

t.test('the page has a section for each command', async (t) => {
  for (const command of COMMANDS) t.ok(section(command.name()), command.name());
});

for (const command of COMMANDS) {
  t.test(command.name(), async (t) => {
    const cwd = t.testdir({});
    const { code, stdout, stderr } = replypathIn(cwd)(command.name(), '--help');
    t.match({ code, stderr }, { code: 0, stderr: '' });
    const lines = stdout.split('\n');
    t.strictSame(
      lines.filter((line) => line.length > 80),
      [],
      'fits a terminal of 80 columns',
    );

    const examples = lines.slice(lines.indexOf('Examples:') + 1).filter((line) => line.startsWith('  $ '));
    t.not(examples.length, 0, 'has examples');
    for (const example of examples) {
      const line = example.slice('  $ '.length).replace(/ {3,}.*$/, '');
      const args = argumentsOf(line, cwd);
      t.ok(args, `a shell calls replypath in: ${line}`);
      if (args !== null) t.equal(await objectionTo(args), null, line);
    }

    const told = new Set([...section(command.name()).matchAll(/`(--[a-z-]+)/g)].map(([, option]) => option));
    for (const { long } of command.options) t.ok(told.has(long), `${PAGE} has ${long}`);
    const known = new Set(command.options.map(({ long }) => long));
    t.strictSame(
      [...told].filter((option) => !known.has(option)),
      [],
      `${PAGE} has no other option`,
    );
  });
}

t.test('the help of all fits a terminal of 80 columns', async (t) => {
  const { stdout } = replypathIn(t.testdir({}))('--help');
  t.strictSame(
    stdout.split('\n').filter((line) => line.length > 80),
    [],
  );
});
