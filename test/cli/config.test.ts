import { symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { nearestConfig, readConfig } from '../../src/cli/config.js';
import { configFile } from '../../src/format/config.js';
import { replypathIn, scenarioText } from './replypath.js';

const NAME = 'replypath.config.yaml';

function project(t: Test, config: string): string {
  return t.testdir({
    '.git': {},
    [NAME]: config,
    tests: { scenarios: { 'a.yaml': scenarioText({ tags: '[rules]' }), 'b.yaml': scenarioText() } },
    sub: {},
  });
}

t.test('the nearest config file up to the root of the repository', async (t) => {
  const root = t.testdir({
    [NAME]: '',
    repository: { '.git': {}, [NAME]: '', a: { b: {} }, c: { [NAME]: '' } },
  });
  const repository = join(root, 'repository');
  t.equal(nearestConfig(join(repository, 'a/b')), join(repository, NAME));
  t.equal(nearestConfig(join(repository, 'c')), join(repository, 'c', NAME));
  t.equal(nearestConfig(repository), join(repository, NAME));
  const bare = t.testdir({ [NAME]: '', bare: { '.git': {}, a: {} } });
  t.equal(nearestConfig(join(bare, 'bare/a')), null, 'not beyond the root');
});

t.test('flags win over the environment, that over the config, that over the defaults', async (t) => {
  const cwd = project(t, 'paths: [tests]\nrepeatEach: 2\ngrep: family=4\n');
  const names = (env: NodeJS.ProcessEnv, ...args: string[]) => {
    const { code, stdout, stderr } = replypathIn(cwd, env)('run', '--list', ...args);
    t.match({ code, stderr }, { code: 0, stderr: '' }, args.join(' '));
    return stdout.trimEnd().split('\n');
  };
  const twice = ['a [family=4]', 'a [family=4] #2', 'b [family=4]', 'b [family=4] #2'];
  t.strictSame(names({}), twice);
  t.strictSame(names({ REPLYPATH_REPEAT_EACH: '1' }), ['a [family=4]', 'b [family=4]']);
  t.strictSame(names({ REPLYPATH_REPEAT_EACH: '3' }, '--repeat-each', '2'), twice);
  t.strictSame(names({}, '--repeat-each', '1', '--grep', '^a.*6'), ['a [family=6]']);
  t.strictSame(names({}, 'tests/scenarios/b.yaml'), twice.slice(2), 'paths too');
  t.strictSame(names({}, 'tests', '--no-config').length, 4);
  t.strictSame(names({ REPLYPATH_CONFIG: 'nowhere.yaml' }, 'tests', '--no-config').length, 4);
  t.equal(replypathIn(cwd)('list').stdout, 'a [family=4]\nb [family=4]\n', 'list has the same selection');
  t.match(replypathIn(cwd)('validate'), { code: 0, stdout: '4 scenarios are valid\n' });
});

t.test('its paths are relative to the file, wherever the command is called', async (t) => {
  const config =
    'paths: ["tests/**/*.yaml"]\ntags: [rules]\noutput: out\nreporters: ["tap:out/r.tap", list]\n';
  const cwd = project(t, `${config}detail: quiet\n`);
  const { code, stdout, stderr } = replypathIn(join(cwd, 'sub'))('run', '--grep', 'family=4');
  t.match({ code, stderr }, { code: 0, stderr: '' });
  t.match(stdout, /^1 scenario: 1 passed/, 'quietly');
  t.match(
    replypathIn(cwd)('run', '--last-failed'),
    { code: 0, stderr: /nothing failed/ },
    'out is the output folder',
  );
  const named = replypathIn(join(cwd, 'sub'))('list', '--config', `../${NAME}`, '--grep', '4');
  t.equal(named.stdout, 'a [family=4]\n');
});

t.test('an invalid config is a usage error, shown with its place', async (t) => {
  const folder = t.testdir({ folder: {} });
  symlinkSync('loop.yaml', join(folder, 'loop.yaml'));
  const faultOf = async (path: string) => {
    const { config, diagnostics } = await readConfig(join(folder, path), folder);
    t.equal(config, null, path);
    t.equal(diagnostics.length, 1);
    const [fault] = diagnostics;
    return `${fault?.place.line}:${fault?.place.column} ${fault?.code}: ${fault?.message}. ${fault?.hint}`;
  };
  const table: readonly (readonly [config: string, fault: RegExp])[] = [
    ['worker: 2\n', /^1:1 unknown-key: unknown key worker\. Did you mean workers\?$/],
    ['retries: 1\nworkers: none\n', /^2:10 wrong-type: workers has to be a number, not text/],
    ['workers: 0\n', /^1:10 bad-value: workers must be at least 1/],
    ['retries: 1.5\n', /^1:10 \S+ retries/],
    ['grep: "("\n', /^1:7 bad-value: grep must be a regular expression: .*Unterminated group/],
    ['allowSkip: [a, "["]\n', /^1:16 bad-value: allowSkip\[2\] must be a regular expression/],
    ['capture: tcpdmp\n', /^1:10 bad-value: capture cannot be tcpdmp\. Did you mean tcpdump\?$/],
    ['reporters: [lst]\n', /^1:13 bad-value: reporters\[1\] must be NAME or NAME:FILE; names are list,/],
    ['- a\n', /^1:1 wrong-type: the file has to be a map/],
    ['workers: [\n', /yaml-syntax/],
    ['', /^1:1 empty-file/],
  ];
  for (const [config, fault] of table) {
    writeFileSync(join(folder, 'config.yaml'), config);
    t.match(await faultOf('config.yaml'), fault, config);
  }
  t.match(await faultOf('nowhere.yaml'), /unreadable-file: .*there is no such file/);
  t.match(await faultOf('folder'), /unreadable-file: .*it is a folder/);
  t.match(await faultOf('loop.yaml'), /unreadable-file: .*go in a circle/);

  const cwd = t.testdir({ '.git': {}, [NAME]: 'worker: 2\n', 'other.yaml': 'reporters: [list, tap]\n' });
  const told =
    /^replypath: the config file cannot be used.*\n\S+config\.yaml:1:1 {2}unknown-key\n(.|\n)*> 1 \| worker: 2/;
  for (const command of ['run', 'list', 'validate'])
    t.match(replypathIn(cwd)(command), { code: 2, stdout: '', stderr: told }, command);
  t.match(replypathIn(cwd, { REPLYPATH_CONFIG: 'none.yaml' })('run'), { code: 2, stderr: /none\.yaml:1:1/ });
  t.match(replypathIn(cwd)('run', '--config', 'other.yaml', '.'), {
    code: 2,
    stderr: /reporters of the config file: list and tap cannot both go to standard output/,
  });
});

t.test(
  'kernels: several by flag, variable and config; one that is named twice is a usage error',
  async (t) => {
    const cwd = project(t, 'paths: [tests]\nkernel: [host, host]\n');
    const twice = (key: string) => ({
      code: 2,
      stdout: '',
      stderr: new RegExp(`${key}.*The kernel host is named twice`),
    });
    t.match(replypathIn(cwd)('run', '--list'), twice('kernel of the config file: '));
    t.match(replypathIn(cwd)('run', '--kernel', 'host,6.12', '--kernel', 'host'), twice('--kernel'));
    t.match(replypathIn(cwd, { REPLYPATH_KERNEL: '6.12, host,host' })('run'), twice('REPLYPATH_KERNEL'));
    t.match(replypathIn(cwd)('run', '--kernel', ','), { code: 2, stderr: /--kernel.*must not be empty/ });
    const kernelsOf = async (text: string) => {
      writeFileSync(join(cwd, 'kernels.yaml'), text);
      return (await readConfig(join(cwd, 'kernels.yaml'), join(cwd, 'sub'))).config?.kernel;
    };
    t.strictSame(await kernelsOf('kernel: "6.12"'), ['6.12']);
    t.strictSame(
      await kernelsOf('kernel: host, k/bzImage'),
      ['host,../k/bzImage'],
      'paths are from the file',
    );
    t.strictSame(await kernelsOf('kernel: [host, /boot/vmlinuz]'), ['host', '/boot/vmlinuz']);
    t.equal(await kernelsOf('kernel: []'), undefined);
    t.match(replypathIn(cwd)('run', '--kernel', 'host', '--list'), { code: 0, stderr: '' }, 'a flag wins');
  },
);

t.test('bad values in the environment are named by their variable', async (t) => {
  const cwd = t.testdir({ '.git': {}, scenarios: { 'a.yaml': scenarioText() } });
  const table = {
    REPLYPATH_WORKERS: 'many',
    REPLYPATH_RETRIES: '-1',
    REPLYPATH_REPEAT_EACH: '0',
    REPLYPATH_BAIL: 'yes',
    REPLYPATH_SHARD: '1',
    REPLYPATH_REPORTER: 'lst',
    REPLYPATH_CAPTURE: 'wireshark',
    REPLYPATH_ALLOW_SKIP: '[',
    REPLYPATH_FAIL_ON_SKIP: 'maybe',
    REPLYPATH_OUTPUT: '',
  };
  for (const [name, value] of Object.entries(table)) {
    const { code, stdout, stderr } = replypathIn(cwd, { [name]: value })('run');
    t.strictSame({ code, stdout }, { code: 2, stdout: '' }, name);
    t.match(stderr, name);
  }
});

t.test('every key has a description and examples that are valid', async (t) => {
  for (const [key, schema] of Object.entries(configFile.shape)) {
    const { description, examples } = schema.meta() ?? {};
    t.ok(description, `${key} has a description`);
    const list = Array.isArray(examples) ? examples : [];
    t.ok(list.length > 0, `${key} has examples`);
    for (const example of list)
      t.ok(configFile.safeParse({ [key]: example }).success, `${key}: ${JSON.stringify(example)}`);
  }
});
