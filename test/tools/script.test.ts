import t from 'tap';
import { script } from '../../src/tools/script.js';
import { readTrace, TRACE_PROMPT } from '../../src/tools/shell-trace.js';
import { askedOf, given } from './given.js';

const LINES =
  'ip -6 rule add from 2001:db8:b::10 table 7 # eth1\nip rule add from $A table 7\nip route flush table 7\n';

t.test('the lines of a boot script ask for what they would add, those of other files do not', async (t) => {
  const item = given('script', { '/etc/rc.local': ['0755', `#!/bin/sh\n${LINES}`], '/etc/other': LINES });
  t.strictSame(askedOf(item), ['2 rule from 2001:db8:b::10 table 7']);
});

t.test('a boot script is one that a system runs', async (t) => {
  for (const path of ['/etc/rc.local', '/etc/rc.d/rc.local', '/etc/local.d/routes.start'])
    t.equal(script.faultOf(given('script', { [path]: '' })), null, path);
  for (const path of ['/etc/rc.locale', '/etc/local.d/routes.stop', '/etc/local.d/old/routes.start'])
    t.match(script.faultOf(given('script', { [path]: '' })), { hint: /rc\.local/ }, path);
});

t.test('what is not executable is passed over, and told', async (t) => {
  const [, run] = script.start(given('script', { '/etc/rc.local': LINES }));
  t.match(run, { kind: 'program', argv: ['true'] });
  const commands = run?.kind === 'program' ? run.read({ exit: 0, stdout: '', stderr: '' }) : [];
  t.match(commands, [{ file: '/etc/rc.local', exit: 126, failed: true, message: /mode 0644/ }]);
});

t.test('a trace is read with the status of each command', async (t) => {
  const text = 'set -e\nip rule add from 192.0.2.10 table 7\nip rule del pref 7 || true\nip rule ad\n';
  const said = (status: number, command: string, message = '') =>
    `${TRACE_PROMPT.replace('$?', String(status))}${command}\n${message}`;
  const output = [
    said(0, 'set -e'),
    said(0, 'ip rule add from 192.0.2.10 table 7'),
    said(0, 'ip rule del pref 7', 'RTNETLINK answers: No such file or directory\n'),
    said(2, 'true'),
    said(0, 'ip rule ad', 'Command "ad" is unknown\n'),
  ];
  t.match(readTrace(output.join(''), text, 255), [
    { line: 1, exit: 0 },
    { line: 2, exit: 0 },
    { line: 3, exit: 2, failed: false, message: /No such file/ },
    { line: 3, text: 'true', exit: 0 },
    { line: 4, exit: 255, failed: true, message: /unknown/ },
  ]);
  t.match(readTrace('rc.local: 2: Syntax error: "fi" unexpected', 'a\nfi\n', 2), [
    { line: 2, text: 'fi', exit: 2, failed: true },
  ]);
});
