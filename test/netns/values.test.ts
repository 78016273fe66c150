import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { type FinalResults, Parser } from 'tap-parser';
import { policyFile } from '../../src/format/policy.js';
import { scenarioFile } from '../../src/format/scenario.js';
import { loadInline } from '../../src/load/load.js';
import type { RunReport } from '../../src/model/result.js';
import { printable } from '../../src/report/text/printable.js';
import { validate } from '../../src/validate/validate.js';
import { replypathIn } from '../cli/replypath.js';
import { parseXml } from '../report/xml.js';
import { execute } from './command.js';
import { DOCUMENT, withText } from './hostile/document.js';
import { stringKeys } from './hostile/keys.js';
import { stateScript, statesOf } from './hostile/state.js';

/*
 * What stands in a scenario is data: only the recipe's own shell, nft and iptables read any of it as a program.
 * Each hostile text would make the file MARK, in a node, in the lab or outside, if anything ran it.
 */

t.setTimeout(300_000);

const MARK = `h${process.pid.toString(36)}`;
const TOUCH = `touch /tmp/${MARK} /run/${MARK}`;

const TEXTS = {
  substitution: `$(${TOUCH})`,
  backticks: `\`${TOUCH}\``,
  command: `; ${TOUCH}; #`,
  quotes: `'"; ${TOUCH}; "'`,
  lines: `x\n${TOUCH}\n::error::x\nnot ok 1`,
  arguments: 'x dev lo table main',
  option: '-batch /etc/hosts',
  unseen: 'a\u0000b\u001b[2J\u202e\t\\n',
  nul: 'a\u0000b',
  word: `$(>/tmp/${MARK})`,
  separator: `;>/tmp/${MARK};`,
  // biome-ignore lint/suspicious/noTemplateCurlyInString: what others take for a template
  template: '{{/7}}${7}%n%s',
} as const;
type Text = keyof typeof TEXTS;
const ALL = Object.keys(TEXTS) as Text[];
const WORDS: readonly Text[] = ['word', 'separator', 'template'];

/** What each key of the format takes; every other key takes none of the texts. */
const TAKEN: ReadonlyMap<string, readonly Text[]> = new Map<string, readonly Text[]>([
  ...[
    ...['title', 'source document', 'claim', 'finding text', 'lesson', 'tags []', 'topology title'],
    ...['topology params * description', 'topology nodes * sysctls *', 'steps [] title'],
    ...['steps [] apply expect [] file', 'steps [] apply expect [] message', 'steps [] flows [] title'],
    // The recipe's own programs.
    ...['shell', 'nft', 'iptables', 'ip6tables'].map((key) => `topology nodes * policy [] ${key}`),
    ...['steps [] apply shell', 'steps [] event shell script'],
    ...['files *', 'files * text', 'process ready output'].map((key) => `topology nodes * policy [] ${key}`),
  ].map((key) => [key, ALL] as const),
  ...['process command', 'process ready shell', 'await shell'].map(
    (key) =>
      [`topology nodes * policy [] ${key}`, ALL.filter((text) => !TEXTS[text].includes('\0'))] as const,
  ),
  ...['table', 'scope', 'proto'].map(
    (key) => [`topology nodes * policy [] ip routes [] ${key}`, WORDS] as const,
  ),
  ...['ipproto', 'table'].map((key) => [`topology nodes * policy [] ip rules [] ${key}`, WORDS] as const),
  ...['routes [] dev', 'routes [] nexthops [] dev', 'rules [] iif', 'rules [] oif'].map(
    (key) => [`topology nodes * policy [] ip ${key}`, WORDS] as const,
  ),
]);

async function isTaken(document: unknown): Promise<boolean> {
  const loaded = await loadInline('x', document, { cwd: process.cwd(), labDirs: [] });
  return validate(loaded).diagnostics.length === 0;
}

t.test('what each key takes', async (t) => {
  t.ok(await isTaken(DOCUMENT), 'the document by itself');
  for (const path of stringKeys(scenarioFile)) {
    const taken: Text[] = [];
    for (const text of ALL) if (await isTaken(withText(DOCUMENT, path, TEXTS[text]))) taken.push(text);
    t.strictSame(taken, TAKEN.get(path.join(' ')) ?? [], path.join(' '));
  }
  const keys = new Set(stringKeys(scenarioFile).map((path) => path.join(' ')));
  t.strictSame(
    [...TAKEN.keys()].filter((key) => !keys.has(key)),
    [],
    'keys that the format does not have',
  );
  const own = stringKeys(policyFile).map(
    (path) => `topology nodes * policy [] ${path.join(' ').replace(/^items \[\] /, '')}`,
  );
  const others = own.filter((key) => !keys.has(key) && !/ (title|when .*|sysctl .*)$/.test(key));
  t.strictSame(others, [], 'a policy file has no key that a policy in a topology does not have');
});

/** A text as one word of bash. */
const quoted = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`;

/** A scenario with a text wherever it is taken, and at its end the state of its nodes. */
function scenarioWith(name: Text): unknown {
  const text = TEXTS[name];
  const isWord = WORDS.includes(name);
  const onOneLine = !/\p{Cc}/u.test(text);
  const said = onOneLine ? text : 'x';
  const routes = { table: 100, dev: 'eth0', scope: 'global', proto: 'static' };
  const rules = { table: 100, iif: 'lo', oif: 'lo', ipproto: 'tcp' };
  // Each alone, since ip goes no further in a batch after a word that it does not know.
  const typed = [
    ...Object.keys(routes).map((key) => ({ routes: [{ to: '10.7.0.0/16', ...routes, [key]: text }] })),
    { routes: [{ to: '10.8.0.0/16', nexthops: [{ dev: text }, { dev: 'eth0' }] }] },
    ...Object.keys(rules).map((key) => ({
      rules: [{ from: '10.9.0.1', preference: 9, ...rules, [key]: text }],
    })),
  ];
  return {
    title: text,
    source: { document: text },
    claim: text,
    lesson: text,
    finding: { status: 'refined', text },
    tags: [text],
    ...(onOneLine && { matrix: { word: [text] } }),
    topology: {
      title: text,
      params: { word: { values: [text], default: text, description: text } },
      nodes: {
        a: { interfaces: { 'eth0.100': {}, eth0: { addresses: ['192.0.2.1/24'] } }, rp_filter: 1 },
        b: { interfaces: { 'eth0.100': {}, eth0: { addresses: ['192.0.2.2/24'] } }, profile: 'rhel' },
      },
      links: [
        ['a:eth0', 'b:eth0'],
        ['a:eth0.100', 'b:eth0.100'],
      ],
    },
    steps: [
      {
        title: text,
        when: { word: text },
        apply: [
          {
            node: 'a',
            shell: `bash -c 'printf "%s\\n" "$1" >&2; exit 3' bash ${quoted(said)}\n`,
            expect: [{ line: 1, exit: 3, message: said }],
          },
          {
            node: 'a',
            sysctl: { 'net.ipv4.conf.eth0.arp_ignore': text },
            expect: [{ line: 1, message: 'EINVAL' }],
          },
          {
            node: 'a',
            ip: {
              routes: [{ to: '10.1.0.0/16', via: '192.0.2.2', table: 100 }],
              rules: [{ from: '192.0.2.1', table: 100, preference: 10 }],
            },
          },
          { node: 'a', files: { '/etc/hostile': text } },
          {
            node: 'a',
            process: {
              ...{ name: 'hostile', command: `printf '%s\\n' ${quoted(said)}; exec sleep 60` },
              ready: { output: said },
            },
          },
          ...(isWord ? typed : []).map((ip) => ({ node: 'a', ip, expect: [{ line: 1 }] })),
        ],
        flows: ['ping', 'tcp/22', 'udp/53'].map((probe) => ({
          ...{ title: text, from: 'a', to: 'b:eth0', probe, bind: { device: 'eth0' }, expect: 'symmetric' },
        })),
      },
      {
        title: `state ${text}`,
        apply: ['a', 'b'].map((node) => ({
          node,
          shell: stateScript(MARK),
          expect: [{ line: 1, exit: 9 }],
        })),
      },
    ],
  };
}

const LABS = ALL;
/** Also the name of a file is such a text, as far as one can be. */
const fileOf = (name: Text) => (name === 'word' ? `$(>${MARK}) '";>${MARK};\`.yaml` : `${name}.yaml`);

async function madeOutside(folder: string): Promise<string[]> {
  const found = await Promise.all(
    ['/tmp', '/run', '/', process.cwd(), folder].map(async (each) =>
      (await readdir(each)).filter((name) => name === MARK).map((name) => join(each, name)),
    ),
  );
  return found.flat();
}

t.test('nothing of a scenario is run but its recipes, and reports tell it as it is', async (t) => {
  const folder = t.testdir({});
  for (const name of LABS) await writeFile(join(folder, fileOf(name)), JSON.stringify(scenarioWith(name)));
  const summary = join(folder, 'summary.md');
  await writeFile(summary, '');
  const replypath = replypathIn(folder, { GITHUB_STEP_SUMMARY: summary });
  const reporters = ['list', 'tap', 'json', 'jsonl', 'junit', 'github'];
  const { code, stderr, stdout } = replypath(
    ...['run', '.', '--output', 'results', '--verbose'],
    ...reporters.flatMap((name) => ['--reporter', name === 'list' ? name : `${name}:${name}.out`]),
  );
  t.strictSame(await madeOutside(folder), [], 'nothing is made outside');
  const { stdout: anywhere } = await execute(['find', '/', '-xdev', '-name', MARK]);
  t.equal(anywhere, '', 'nor anywhere else on the disk');
  const read = (name: string) => readFile(join(folder, `${name}.out`), 'utf8');
  const report: RunReport = JSON.parse(await read('json'));
  t.equal(code, 0, stderr + stdout.slice(-3000));
  t.equal(report.scenarios.length, LABS.length);

  for (const name of LABS) {
    const result = report.scenarios.find(({ file }) => file === fileOf(name));
    if (result === undefined) throw new Error(`no scenario of ${name}`);
    const text = TEXTS[name];
    t.equal(result.status, 'passed', `${name}: ${result.reason?.text}`);
    const { title, tags, source, claim, finding, lesson, steps } = result;
    t.strictSame(
      [title, ...tags, source?.document, claim, finding?.text, lesson, steps[0]?.title],
      [text, text, text, text, text, text, text],
      name,
    );
    const states = statesOf(result);
    t.equal(states.length, 2, `${name}: both nodes say what they have`);
    for (const { node, made, links, rules, routes } of states) {
      t.strictSame(made, [], `${name}: nothing is made in ${node}`);
      t.strictSame(links, ['lo', 'eth0', 'eth0.100'], `${name}: the interfaces of ${node}`);
      const own = node === 'a' ? ['10: from 192.0.2.1 table 100'] : [];
      t.strictSame(rules, ['0: table local', ...own, '32766: table main', '32767: table default']);
      const planned = node === 'a' ? ['10.1.0.0/16 via 192.0.2.2 dev eth0 table 100'] : [];
      t.strictSame(
        routes,
        [...planned, '192.0.2.0/24 dev eth0 table main'],
        `${name}: the routes of ${node}`,
      );
    }
    // A title of several lines is shown as such.
    if (!/[\n\t]/.test(text)) t.ok(stdout.includes(printable(text)), `${name}: in the list`);
  }

  t.notMatch(stdout + stderr, /(?!\n)\p{Cc}|\u202e/u, 'nothing steers the terminal');
  const tap = await new Promise<FinalResults>((resolve) => {
    const parser = new Parser({ strict: true }, resolve);
    read('tap').then((text) => parser.end(text));
  });
  t.match(tap, { ok: true, count: LABS.length, pass: LABS.length, skip: 0, todo: 0, bailout: false });
  const suites = parseXml(await read('junit')).children;
  const names = suites.map((suite) => suite.attributes.name);
  t.strictSame(new Set(names).size, LABS.length, 'JUnit has a suite for each');
  t.ok(names.some((name) => name?.includes(TEXTS.command)));
  const events = (await read('jsonl'))
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  t.strictSame(
    events
      .filter(({ type }) => type === 'scenario-ended')
      .map(({ result }) => result.title)
      .sort(),
    LABS.map((name) => TEXTS[name]).sort(),
  );
  t.notMatch(await read('github'), /^\s*::/m, 'what passed gives GitHub no command');
});

t.test('a script of plan runs nothing of it either', async (t) => {
  const folder = t.testdir({});
  const replypath = replypathIn(folder);
  for (const name of ['quotes', 'word', 'unseen', 'lines'] as const) {
    await writeFile(join(folder, fileOf(name)), JSON.stringify(scenarioWith(name)));
    const { code, stdout, stderr } = replypath('plan', fileOf(name));
    t.equal(code, 0, stderr);
    await writeFile(join(folder, 'lab.sh'), stdout);
    await writeFile(
      join(folder, 'questions'),
      `printf '\\nMADE '; ls -d /run/${MARK} /tmp/${MARK}; on a ls -d /run/${MARK} /tmp/${MARK}; echo .\n`,
    );
    t.match(
      await execute(['bash', '-n', join(folder, 'lab.sh')]),
      { code: 0, stderr: '' },
      `${name}: syntax`,
    );
    const ended = await execute([
      'bash',
      '-c',
      `cd "$1" && LAB_SHELL=1 bash lab.sh <questions`,
      'bash',
      folder,
    ]);
    t.match(ended.stdout, /^MADE \.$/m, `${name}: ${ended.stderr}`);
    t.strictSame(await madeOutside(folder), [], name);
    await rm(join(folder, fileOf(name)));
  }
});

t.test('a sysctl that the kernel refuses ends the lab, and what it was is said', async (t) => {
  const folder = t.testdir({});
  const document = withText(DOCUMENT, ['topology', 'nodes', '*', 'sysctls', '*'], TEXTS.substitution);
  await writeFile(join(folder, 'x.yaml'), JSON.stringify(document));
  const { code, stdout } = replypathIn(folder)('run', 'x.yaml');
  t.equal(code, 4);
  t.match(stdout, `a: sysctl net.ipv4.conf.eth0.arp_ignore=${TEXTS.substitution}: EINVAL`);
  t.strictSame(await madeOutside(folder), []);
});
