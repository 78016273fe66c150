import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { parse } from 'yaml';
import type { RunReport } from '../../src/model/result.js';

const MAIN = fileURLToPath(new URL('../../src/cli/main.js', import.meta.url));

const PAIR = `title: Two hosts
nodes:
  left: { interfaces: { eth0: { addresses: [192.0.2.1/24] } } }
  right: { interfaces: { eth0: { addresses: [192.0.2.2/24] } } }
links: [[left:eth0, right:eth0]]
`;

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function replypath(cwd: string, ...args: readonly string[]): Ended {
  const { status, stdout, stderr } = spawnSync(process.execPath, [MAIN, ...args], {
    cwd,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  return { code: status, stdout, stderr };
}

/** A question, the proposal, and where readline puts the cursor. */
const PROMPT = new RegExp(`[?]( \\[[^\\]]*\\])? (${String.fromCharCode(27)}\\[\\d+G)?$`);

/** Answers the questions of `init`, each when it is asked, in a pseudo-terminal of 60 columns. */
async function inTerminal(
  cwd: string,
  answers: readonly string[],
  ...args: readonly string[]
): Promise<{ code: number | null; screen: string }> {
  const command = [process.execPath, MAIN, 'init', ...args].map((word) => `'${word}'`).join(' ');
  const child = spawn('script', ['-qec', `stty cols 60; ${command}`, '/dev/null'], { cwd });
  const left = [...answers];
  let screen = '';
  let answered = 0;
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    screen += text;
    if (!PROMPT.test(screen.slice(answered))) return;
    answered = screen.length;
    child.stdin.write(left.shift() ?? '\u0003');
  });
  const [code] = await once(child, 'close');
  return { code, screen: screen.replaceAll('\r\n', '\n') };
}

/** Every run of the file passes, and everything in it is as `validate` wants it. */
function passes(
  t: Pick<typeof import('tap').t, 'match' | 'strictSame'>,
  cwd: string,
  file: string,
): RunReport {
  t.match(replypath(cwd, 'validate', file), { code: 0, stderr: '' }, `${file} is valid`);
  const { code, stdout, stderr } = replypath(cwd, 'run', file, '--reporter', 'json');
  t.strictSame({ code, stderr }, { code: 0, stderr: '' }, `${file} passes`, { stdout });
  return JSON.parse(stdout);
}

t.test('without a terminal: what would be proposed', async (t) => {
  const cwd = t.testdir({});
  t.strictSame(replypath(cwd, 'init'), {
    code: 0,
    stdout: 'wrote scenarios/mine.yaml\nnext: replypath run scenarios/mine.yaml\n',
    stderr: '',
  });
  const report = passes(t, cwd, 'scenarios/mine.yaml');
  t.match(report.scenarios, [{ id: 'mine', steps: [{ title: 'as found', flows: [{}, {}] }] }]);
});

t.test('what the options say is what is written', async (t) => {
  const cwd = t.testdir({
    'recipe.sh':
      'ip route add default via 198.51.100.1 table 101\nip rule add from 198.51.100.10 table 101\n',
  });
  const title = `"quotes": it's $(date) #no comment`;
  const { code } = replypath(
    ...([
      cwd,
      'init',
      'reports/fix',
      '--title',
      title,
      '--policy-file',
      'recipe.sh',
      '--to',
      'server:eth1',
    ] as const),
    ...([
      '--probe',
      'ping',
      '--probe',
      'tcp/22',
      '--family',
      '4',
      '--expect',
      'symmetric',
      '--output',
      'own/scenarios',
    ] as const),
  );
  t.equal(code, 0);
  const file = 'own/scenarios/reports/fix.yaml';
  const content = parse(readFileSync(join(cwd, file), 'utf8'));
  t.strictSame(content, {
    title,
    topology: 'dual-isp',
    steps: [
      {
        title: 'with recipe.sh',
        apply: { node: 'server', shell: readFileSync(join(cwd, 'recipe.sh'), 'utf8') },
        flows: ['ping', 'tcp/22'].map((probe) => ({
          ...{ from: 'client', to: 'server:eth1', family: 4, probe, expect: 'symmetric' },
        })),
      },
    ],
  });
  t.equal(passes(t, cwd, file).scenarios[0]?.id, 'reports/fix');
});

t.test('each topology, and a network of one’s own', async (t) => {
  const cwd = t.testdir({ lab: { topologies: { 'pair.yaml': PAIR, 'broken.yaml': 'nodes: 1\n' } } });
  for (const name of ['dual-isp', 'triple-isp', 'shared-subnet', 'pair', 'new'])
    t.match(replypath(cwd, 'init', name, '--topology', name), { code: 0, stderr: '' }, name);
  for (const name of ['dual-isp', 'triple-isp'])
    t.match(replypath(cwd, 'init', `${name}-inline`, '--topology', name, '--inline'), {
      code: 0,
      stderr: '',
    });
  t.equal(passes(t, cwd, 'scenarios').scenarios.length, 7);
  t.notMatch(readFileSync(join(cwd, 'scenarios/dual-isp-inline.yaml'), 'utf8'), 'topology: dual-isp');
});

t.test('--expect-from-run writes down what happens', async (t) => {
  const cwd = t.testdir({
    'fix.sh':
      'ip -4 route add default via 198.51.100.1 table 101\nip rule add from 198.51.100.10 table 101\n',
  });
  const { code, stderr } = replypath(
    ...([
      cwd,
      'init',
      'seen',
      '--to',
      'server:eth1',
      '--policy-file',
      'fix.sh',
      '--expect-from-run',
    ] as const),
  );
  t.strictSame({ code, stderr }, { code: 0, stderr: '' });
  const { steps } = parse(readFileSync(join(cwd, 'scenarios/seen.yaml'), 'utf8'));
  const wrong = {
    verdict: 'asymmetric',
    request: { in: 'eth1' },
    reply: { out: 'eth0', nexthop: 'isp1:lan' },
    cause: 'no-source-rule',
  };
  t.strictSame(steps[0].flows, [{ from: 'client', to: 'server:eth1', probe: 'ping', expect: wrong }]);
  t.strictSame(
    steps[1].flows.map(({ family, expect }: { family: number; expect: unknown }) => [family, expect]),
    [
      [4, 'symmetric'],
      [6, wrong],
    ],
  );
  passes(t, cwd, 'scenarios/seen.yaml');

  writeFileSync(join(cwd, 'bad.sh'), 'ip route add nonsense\n');
  const failing = replypath(cwd, 'init', 'bad', '--policy-file', 'bad.sh', '--expect-from-run');
  t.match(failing, {
    code: 4,
    stdout: '',
    stderr: /^replypath: what happens could not be seen: .*ip route add nonsense/,
  });
  t.notOk(existsSync(join(cwd, 'scenarios/bad.yaml')), 'nothing is written');
});

t.test('other faults are recorded so that they pass', async (t) => {
  const cwd = t.testdir({
    'cut.sh': 'ip route del default\nip -6 route del default\n',
    'mute.sh': 'ip link set dev eth0 down\n',
  });
  for (const name of ['cut', 'mute'])
    t.match(replypath(cwd, 'init', name, '--policy-file', `${name}.sh`, '--expect-from-run'), {
      code: 0,
      stderr: '',
    });
  t.match(
    replypath(
      ...([cwd, 'init', 'out', '--from', 'server', '--to', 'client:eth0', '--expect-from-run'] as const),
    ),
    { code: 0 },
  );
  t.match(
    replypath(
      ...([cwd, 'init', 'closed', '--from', 'server', '--to', '203.0.113.77', '--expect-from-run'] as const),
    ),
    { code: 0 },
  );
  passes(t, cwd, 'scenarios');
});

t.test('what cannot be: exit 2, a word that helps, and nothing is written', async (t) => {
  const cwd = t.testdir({ scenarios: { 'mine.yaml': 'mine\n' }, 'a-file': '' });
  const table: readonly (readonly [args: readonly string[], message: RegExp])[] = [
    [['mine'], /scenarios\/mine\.yaml is there already; take another name, or --force/],
    [['../out'], /the name \.\.\/out is not letters/],
    [
      ['a', '--topology', 'dual-ips'],
      /no valid topology dual-ips in lab\/topologies\. Did you mean dual-isp\?/,
    ],
    [['a', '--from', 'clint'], /clint.*Did you mean client\?/],
    [['a', '--to', 'server:eth7'], /no interface eth7.*eth0 or eth1/],
    [['a', '--probe', 'tcp'], /ping, tcp\/PORT or udp\/PORT/],
    [['a', '--policy-file', 'nowhere.sh'], /cannot read nowhere\.sh/],
    [['a', '--node', 'server'], /--policy-file/],
    [['a', '--policy-file', 'a-file', '--node', 'servr'], /./],
    [['a', '--expect', 'fine'], /Allowed choices are/],
    [['a', '--output', 'a-file'], /--output.*is no folder/],
  ];
  for (const [args, message] of table) {
    const { code, stdout, stderr } = replypath(cwd, 'init', ...args);
    t.strictSame({ code, stdout }, { code: 2, stdout: '' }, args.join(' '));
    t.match(stderr, message);
    t.notMatch(stderr, / at .*:\d+:\d+/);
  }
  t.notOk(existsSync(join(cwd, 'scenarios/a.yaml')));
  t.equal(readFileSync(join(cwd, 'scenarios/mine.yaml'), 'utf8'), 'mine\n');
  t.match(replypath(cwd, 'init', 'mine', '--force'), { code: 0, stderr: '' });
  passes(t, cwd, 'scenarios/mine.yaml');
});

t.test('questions on a terminal', async (t) => {
  const cwd = t.testdir({ lab: { topologies: { 'pair.yaml': PAIR } } });
  const answers = [
    'bad name',
    'asked',
    '99',
    'pair',
    'left:eth0',
    '',
    'tcp/99999x',
    'tcp/80',
    '2',
    'A title',
  ];
  const asked = await inTerminal(
    cwd,
    answers.map((answer) => `${answer}\r`),
  );
  t.equal(asked.code, 0, asked.screen);
  t.match(asked.screen, /the name bad name is not letters/);
  t.match(asked.screen, /99 is none of them/);
  t.match(asked.screen, /tcp\/99999x is neither/);
  t.match(asked.screen, / pair +Two hosts/);
  t.match(asked.screen, 'next: replypath run scenarios/asked.yaml');
  t.match(parse(readFileSync(join(cwd, 'scenarios/asked.yaml'), 'utf8')), {
    title: 'A title',
    topology: 'pair',
    steps: [{ flows: [{ from: 'right', to: 'left:eth0', probe: 'tcp/80', expect: 'symmetric' }] }],
  });
  const proposed = await inTerminal(
    cwd,
    Array.from({ length: 7 }, () => '\r'),
  );
  t.equal(proposed.code, 0, proposed.screen);
  passes(t, cwd, 'scenarios');
});

t.test('cancelled: nothing is written', async (t) => {
  const cwd = t.testdir({});
  for (const [key, code] of [
    ['\u0003', 130],
    ['\u0004', 2],
  ] as const) {
    const ended = await inTerminal(cwd, ['name\r', key]);
    t.equal(ended.code, code, ended.screen);
    t.match(ended.screen, 'cancelled, nothing is written');
    t.notMatch(ended.screen, / at .*:\d+:\d+/);
    t.notOk(existsSync(join(cwd, 'scenarios')));
  }
});
