import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import t from 'tap';
import { comment, delimiter, printf, quote, shown, withInput } from '../../src/script/shell.js';

function bash(script: string): string {
  const { status, stdout, stderr } = spawnSync('bash', ['--norc'], {
    input: script,
    encoding: 'utf8',
    env: { PATH: process.env.PATH ?? '', LC_ALL: 'C' },
  });
  if (status !== 0 || stderr !== '') throw new Error(`status ${status}: ${stderr}`);
  return stdout;
}

const HOSTILE = [
  ...[
    '',
    ' ',
    "'",
    '"',
    '\\',
    '\\n',
    '$(echo harm)',
    '`echo harm`',
    `\${HOME}`,
    '$HOME',
    '# no comment',
    '!!',
    '~',
  ],
  ...[
    'a\nb',
    "it's\n'",
    '\n',
    '\t',
    '\r',
    '\u0007',
    '\u001b[2J',
    '\u202e',
    'é',
    '-n',
    '-e \\x',
    '*',
    '{a,b}',
    'a=b',
  ],
  ...["'\\''", "$'", "'\u0007'\\", '%s', 'END', 'END\nEND_2', '\u2028', '\u{1f600}'],
];

const texts = fc.oneof(
  fc.constantFrom(...HOSTILE),
  fc.string({ unit: fc.constantFrom(...HOSTILE, ...'ab \n\'"\\$`(){}<>|&;*?~#!%'), maxLength: 8 }),
);
/** Many at once, because a process is dear. */
const manyTexts = fc.array(texts, { minLength: 20, maxLength: 40 });

t.test('a quoted word is that text, whatever stands in it', async () => {
  fc.assert(
    fc.property(manyTexts, (all) => {
      const printed = bash(`printf '%s\\0' ${all.map(quote).join(' ')}\n`);
      if (printed !== `${all.join('\0')}\0`) throw new Error(JSON.stringify(printed));
    }),
    { numRuns: 40 },
  );
});

t.test('what a command reads is the text, ended by a line feed', async () => {
  fc.assert(
    fc.property(manyTexts, (all) => {
      const script = all.map((text) => `${withInput('cat', text)}\nprintf '\\0'\n`).join('');
      const isByPrintf = (text: string) => withInput('cat', text).includes('< <(');
      const read = all.map((text) => (isByPrintf(text) ? text : text.replace(/\n?$/, '\n')));
      const printed = bash(script);
      if (printed !== `${read.join('\0')}\0`) throw new Error(JSON.stringify([printed, read]));
    }),
    { numRuns: 40 },
  );
});

t.test('printf gives every byte, also what no argument can hold', async (t) => {
  t.equal(bash(printf('a\0b\u0007%s\\n\n')), 'a\0b\u0007%s\\n\n');
});

t.test('a comment is nothing but a comment', async () => {
  fc.assert(
    fc.property(manyTexts, (all) => {
      if (bash(`${all.map(comment).join('\n')}\necho end\n`) !== 'end\n')
        throw new Error(all.map(comment).join('\n'));
    }),
    { numRuns: 20 },
  );
});

t.test('nothing steers a terminal', async (t) => {
  for (const text of ['\u001b[2J', 'a\rb', '\u202e', '\u0000', '\u009b', '\u2028']) {
    for (const made of [quote(text), withInput('cat', text), comment(text), shown(text), printf(text)])
      t.notMatch(made, /[^\P{Cc}\n]|[\u2028\u202e]/u, JSON.stringify(made));
  }
});

t.test('a delimiter is no line of the text', async (t) => {
  t.equal(delimiter('END', 'a\nEND of it'), 'END');
  t.equal(delimiter('END', 'a\nEND\nEND_2\n'), 'END_3');
});
