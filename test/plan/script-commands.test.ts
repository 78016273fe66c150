import t from 'tap';
import { certainCommands } from '../../src/plan/script-commands.js';

/** The certain commands of a script, one a line. */
function read(script: string): string {
  return certainCommands(script)
    .map(({ words }) => words.join(' '))
    .join('\n');
}

t.test('commands that a script carries out whatever it finds', async (t) => {
  const cases: readonly (readonly [script: string, commands: string])[] = [
    ['wg a\n\twg b; wg c & wg d', 'wg a\nwg b\nwg c\nwg d'],
    ['wg a # not this\n# nor this\nwg b#c', 'wg a\nwg b#c'],
    ['wg a \\\n  b', 'wg a b'],
    [`wg 'a b' "c \\"d" e\\ f`, 'wg a b c \\"d e f'],
    ['printf "a\nwg b" | wg c |& wg d', 'printf a\nwg b\nwg c\nwg d'],
    ['wg a >/dev/null 2>&1 <x &>y b 3<<<z', 'wg a b'],
    ['x=1 sudo wg a\nx=1', 'wg a\n'],
    ['{ wg a; }\n( wg b )', 'wg a\nwg b'],
    ['for i in 1 2; do\n  wg $i\ndone <x\nwg a', 'i in 1 2\nwg $i\nwg a'],
    ['wg a || exit 1\nwg b || false', 'wg a\nwg b'],
    ['exit_early\nwg a || exit 2\nwg b', 'exit_early\nwg a\nwg b'],
    ['wg $(wg b; wg c) `wg d` <(wg e) f', 'wg $(wg b; wg c) `wg d` <(wg e) f'],
    ["cat <<A <<-'B' >x\nwg a\nA\n\twg b\n\tB\nwg c", 'cat\nwg c'],
  ];
  for (const [script, commands] of cases) t.equal(read(script), commands, script);
});

t.test('and no others', async (t) => {
  const cases: readonly (readonly [script: string, commands: string])[] = [
    ['if wg a; then wg b; else wg c; fi\ntrue', 'true'],
    ['while wg a; do wg b; done\nuntil wg c; do :; done; true', 'true'],
    ['case wg in a) wg a ;; (b) wg b ;; esac\ntrue', 'true'],
    ['f() { wg a; }\nfunction g { wg b; }\nfunction h() {\n wg c\n}\ni ()\n( wg d )\ntrue', 'true'],
    ['true && wg a', 'true'],
    ['[[ -n a && -d b ]] && wg a\n[ -n a ] && wg b', '[ -n a ]'],
    ['wg a || true\nwg b || wg c\n{ wg d; } || :\n! wg e\nwg f && wg g || :\ntrue', 'true'],
    ['wg a ||\n  true', ''],
    ['true || exit 0\nwg a', ''],
    ['if true; then exit; fi\nwg a', ''],
    ['case x in *) exit 0 ;; esac\nwg a', ''],
    ['f() { exit; }\ntrue', 'true'],
    ['true\nexit\nwg a', 'true\nexit'],
    ['exec >x\ntrue\nexec true\nwg a', '\ntrue\ntrue'],
  ];
  for (const [script, commands] of cases) t.equal(read(script), commands, script);
});

t.test('where commands stand', async (t) => {
  const places = certainCommands("a\n\nb \\\n c\ncat <<E\nE\nd 'x\ny' e").map((each) => [
    each.words[0],
    each.firstLine,
    each.lastLine,
  ]);
  t.strictSame(places, [
    ['a', 1, 1],
    ['b', 3, 4],
    ['cat', 5, 5],
    ['d', 7, 8],
  ]);
});

t.test('whatever it is given, it ends', async (t) => {
  const begin = performance.now();
  for (const piece of [
    '(',
    '{ ',
    'if ',
    'case ',
    '[[ ',
    "'",
    '"',
    '`',
    '"$(',
    '<<a\n',
    ')',
    '||',
    '!',
    '\\',
    'f()',
  ])
    for (const count of [1, 3, 20_000]) certainCommands(piece.repeat(count));
  t.ok(performance.now() - begin < 10_000);
});
