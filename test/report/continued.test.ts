import { execFileSync } from 'node:child_process';
import t from 'tap';
import { continued } from '../../src/report/text/continued.js';

/** As many words as a shell makes of it, each in brackets. */
function words(command: string): string {
  const script = `set -f; printf '[%s]' ${command}`;
  return execFileSync('/bin/sh', ['-c', script], { encoding: 'utf8' });
}

const LONG = [
  `nft add chain inet marks_saved prerouting '{ type filter hook prerouting priority -140; }'`,
  `ip route add default via 2001:db8:ffff:ffff::1 dev eth1 table 1001 proto static metric 100`,
  `sysctl -w "net.ipv4.conf.all rp_filter=2" and\\ more words than there is any room for here`,
  `handle "$(printf %s 'a | b' "c  d" | sed -n 's/^a # handle //p' | head -n 1)" of the whole chain`,
];

t.test('a shell reads the same words', async (t) => {
  for (const command of LONG) {
    for (const columns of [20, 40, 60]) {
      const lines = continued(command, columns);
      t.ok(lines.length > 1, command);
      t.equal(words(lines.join('\n')), words(command), lines.join('\n'));
      const widest = lines.filter((line) => line.length > columns);
      t.ok(
        widest.every((line) => !/ [^ '"]+ [^ '"\\]+ \\$/.test(line)),
        'longer are those of one long word',
      );
    }
  }
});

t.test('what fits, and what has lines of its own, stays', async (t) => {
  t.strictSame(continued('ip rule add from 192.0.2.1 table 7', 40), ['ip rule add from 192.0.2.1 table 7']);
  const here = `nft -f - <<'END'\n${'a very long line '.repeat(8)}\nEND`;
  t.strictSame(continued(here, 40), here.split('\n'));
  t.strictSame(continued("echo 'two  spaces'  apart and so many more", 20).length, 1, 'what it cannot read');
});
