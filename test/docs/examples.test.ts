import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { parseDocument } from 'yaml';
import { jsonSchema } from '../../src/format/json-schema.js';
import { REASONS, type RunReport, type ScenarioStatus } from '../../src/model/result.js';
import { CAUSES, LOSS_REASONS, VERDICTS } from '../../src/model/verdict.js';
import { packageFolder } from '../../src/system/package-folder.js';
import { argumentsOf, objectionTo } from './typed.js';

/*
 * What README.md, docs/ and the like show is tried, so that it stays true.
 *
 * A YAML example whose first line is `# scenario: NAME.yaml`, `# topology: …` or `# policy: …` is that file;
 * the files of one page make one project. Scenarios must pass, but for those marked `yaml failing` (a flow is
 * not as expected) and `yaml invalid`. Every `$ replypath …` in a console example must be accepted by the
 * command line; where it names a scenario of the page it is run, and what it prints must be what the page
 * shows, in which a line `…` stands for any lines; so is one that names a scenario of the checkout. Commands in scripts and pipelines (sh, yaml, groovy) must be
 * accepted too, and YAML that is no file of replypath must be YAML.
 */
const ROOT = packageFolder();
const MAIN = fileURLToPath(new URL('../../src/cli/main.js', import.meta.url));

const FOLDERS = { scenario: 'scenarios', topology: 'lab/topologies', policy: 'lab/policies' } as const;

/** The status of a scenario by the info string of its fence. */
const STATUS: Readonly<Record<string, ScenarioStatus>> = {
  yaml: 'passed',
  'yaml failing': 'failed',
  'yaml invalid': 'errored',
};

interface Fence {
  readonly info: string;
  readonly text: string;
}

interface Example {
  readonly kind: keyof typeof FOLDERS;
  readonly name: string;
  readonly path: string;
  readonly text: string;
  readonly status: ScenarioStatus | undefined;
}

interface Command {
  readonly line: string;
  readonly output: readonly string[];
}

function fencesOf(markdown: string): Fence[] {
  const fences = markdown.matchAll(/^```([a-z][^\n]*)\n(.*?)^```$/gms);
  return [...fences].map(([, info = '', text = '']) => ({ info: info.trim(), text }));
}

function examplesOf({ info, text }: Fence): Example[] {
  const [, kind, name = ''] = /^# (scenario|topology|policy): ([\w/-]+)\.yaml\n/.exec(text) ?? [];
  if (kind !== 'scenario' && kind !== 'topology' && kind !== 'policy') return [];
  return [{ kind, name, path: `${FOLDERS[kind]}/${name}.yaml`, text, status: STATUS[info] }];
}

function commandsOf({ text }: Fence): Command[] {
  const [, ...parts] = `\n${text}`.replace(/\\\n\s*/g, '').split('\n$ ');
  return parts.map((part) => {
    const [line = '', ...output] = part.trimEnd().split('\n');
    return { line, output };
  });
}

/** `npx replypath …` and the like in scripts and pipelines, without redirections; what a pipeline's system fills in is 1. */
function commandsInScripts({ info, text }: Fence): string[] {
  if (!/^(sh|yaml|groovy)$/.test(info)) return [];
  return text
    .replace(/\$\{\{.*?\}\}|\$CI_NODE_\w+/g, '1')
    .split('\n')
    .flatMap((line) => /(?:^|[\s'])((?:npx )?replypath (?:[^'#>]|'[^']*')*)/.exec(line)?.[1] ?? [])
    .filter((command) => !command.includes(' | '));
}

/** The file of a scenario of the checkout, which an argument names by its path or its name; null where it names none. */
function fileOfCatalogue(argument: string): string | null {
  const [id = ''] = argument
    .replace(/^scenarios\//, '')
    .replace(/\.yaml$/, '')
    .split(' ');
  const file = `scenarios/${id}.yaml`;
  return id.includes('/') && existsSync(join(ROOT, file)) ? file : null;
}

/** Has a page's project have a scenario of the checkout. */
function linkFile(cwd: string, file: string): void {
  mkdirSync(dirname(join(cwd, file)), { recursive: true });
  if (!existsSync(join(cwd, file))) symlinkSync(join(ROOT, file), join(cwd, file));
}

/** A line without its indentation, the times in it, and the machine that it was printed on. */
function steady(line: string): string {
  return line
    .trim()
    .replace(/ {2,}[\d.]+ m?s$/, '')
    .replace(/ in [\d.]+ m?s$/, '')
    .replace(/^replypath \S+, Linux \S+, as .*/, 'replypath, Linux')
    .replace(/"durationMs": [\d.]+/, '');
}

/** What matches the shown lines, made steady. */
function patternOf(shown: readonly string[]): RegExp {
  const literal = (text: string) => text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
  const parts = shown.map((line) => (line.trim() === '…' ? '(?:.*\n)*?' : `${literal(steady(line))}\n`));
  return new RegExp(`^${parts.join('')}$`);
}

function anchorsOf(markdown: string): Set<string> {
  const headings = markdown.replace(/^```.*?^```$/gms, '').matchAll(/^#+ (.*)$/gm);
  const slug = (text: string) =>
    text
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .replace(/\s/g, '-');
  return new Set([...headings].map(([, text = '']) => slug(text)));
}

const pages = [
  'README.md',
  'CONTRIBUTING.md',
  'CHANGELOG.md',
  ...readdirSync(join(ROOT, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
].filter((page) => existsSync(join(ROOT, page)));

for (const page of pages) {
  t.test(page, async (t) => {
    const markdown = readFileSync(join(ROOT, page), 'utf8');
    const fences = fencesOf(markdown);
    const examples = fences.filter(({ info }) => info.startsWith('yaml')).flatMap(examplesOf);
    const commands = fences.filter(({ info }) => info === 'console').flatMap(commandsOf);
    const cwd = t.testdir({});
    for (const { info, text } of fences) {
      if (info === 'yaml') t.strictSame(parseDocument(text).errors, []);
    }
    for (const { path, text } of examples) {
      t.notOk(existsSync(join(cwd, path)), `${path} is shown once`);
      mkdirSync(dirname(join(cwd, path)), { recursive: true });
      writeFileSync(join(cwd, path), text);
    }
    const replypath = (...args: readonly string[]) =>
      spawnSync(process.execPath, [MAIN, ...args], { cwd, encoding: 'utf8' });

    await t.test('links lead somewhere', async (t) => {
      for (const [, target = ''] of markdown.matchAll(/\]\(([^)\s]+)\)/g)) {
        if (/^[a-z]+:/.test(target)) continue;
        const [path = '', anchor] = target.split('#');
        const file = path === '' ? join(ROOT, page) : resolve(dirname(join(ROOT, page)), path);
        t.ok(existsSync(file), target);
        if (anchor !== undefined && existsSync(file))
          t.ok(anchorsOf(readFileSync(file, 'utf8')).has(anchor), target);
      }
    });

    await t.test('examples do what they are shown for', async (t) => {
      const scenarios = examples.filter(({ kind }) => kind === 'scenario');
      for (const { kind, name } of examples) {
        if (kind !== 'scenario')
          t.ok(
            examples.some(({ text }) => new RegExp(`\\b(${kind}|extends): ${name}\\b`).test(text)),
            `${name} is used`,
          );
      }
      if (scenarios.length === 0) return;
      const { stdout, stderr } = replypath('run', 'scenarios', '--reporter', 'json');
      t.equal(stderr, '');
      const report: RunReport = JSON.parse(stdout);
      for (const { path, status } of scenarios) {
        const results = report.scenarios.filter(({ file }) => file === path);
        t.ok(results.length > 0, `${path} is run`);
        for (const result of results) {
          t.equal(result.status, status, result.name, { reason: result.reason, steps: result.steps });
          t.equal(result.reason?.code === 'scenario-invalid', status === 'errored', result.name);
        }
      }
    });

    await t.test('commands in scripts and pipelines are accepted', async (t) => {
      for (const line of fences.flatMap(commandsInScripts)) {
        const args = argumentsOf(line, cwd);
        t.ok(args, `a shell calls replypath in: ${line}`);
        if (args !== null) t.equal(await objectionTo(args), null, line);
      }
    });

    await t.test('commands are accepted and print what is shown', async (t) => {
      for (const { line, output } of commands) {
        if (!/^((sudo|npx) |[A-Z_]+=\S* )*replypath( |$)/.test(line)) continue;
        const args = argumentsOf(line, cwd);
        if (args === null) {
          t.fail(`a shell calls replypath in: ${line}`);
          continue;
        }
        t.equal(await objectionTo(args), null, line);
        const isOwn = examples.some(({ path }) => args.includes(path));
        const files = args.flatMap((each) => fileOfCatalogue(each) ?? []);
        if (!(isOwn || files.length > 0) || output.length === 0) continue;
        for (const file of files) linkFile(cwd, file);
        const printed = replypath(...args)
          .stdout.trimEnd()
          .split('\n');
        t.match(`${printed.map(steady).join('\n')}\n`, patternOf(output), line);
      }
    });
  });
}

/** Every key that a JSON Schema has somewhere. */
function keysOf(schema: unknown): string[] {
  if (typeof schema !== 'object' || schema === null) return [];
  return Object.entries(schema).flatMap(([key, value]) =>
    key === 'properties' ? [...Object.keys(value), ...Object.values(value).flatMap(keysOf)] : keysOf(value),
  );
}

t.test('the pages have every key and every code', async (t) => {
  const mentions = (page: string) => {
    const code = readFileSync(join(ROOT, page), 'utf8').matchAll(/`([^`\n]+)`/g);
    return new Set([...code].flatMap(([, text = '']) => text.split(/[^\w-]+/)));
  };
  const pages = ['scenario-format', 'topologies', 'policies', 'tools', 'processes', 'probes', 'multipath'];
  const format = new Set(pages.flatMap((page) => [...mentions(`docs/${page}.md`)]));
  const keys = new Set(
    (['scenario', 'topology', 'policy'] as const).flatMap((name) => keysOf(jsonSchema(name))),
  );
  t.ok(keys.size > 50);
  t.strictSame(
    [...keys].filter((key) => !format.has(key)),
    [],
    'keys of the files',
  );
  const verdicts = mentions('docs/verdicts.md');
  const codes = [...VERDICTS, ...Object.keys({ ...LOSS_REASONS, ...REASONS })];
  t.strictSame(
    codes.filter((code) => !verdicts.has(code)),
    [],
    'codes',
  );
  const why = readFileSync(join(ROOT, 'docs/why.md'), 'utf8').replaceAll(/ {2,}/g, ' ');
  for (const [code, meaning] of Object.entries(CAUSES))
    t.ok(why.includes(`| \`${code}\` | ${meaning} |`), `why.md has ${code} with its meaning`);
  const causes = why.split('\n## Causes\n')[1]?.split('\n## ')[0] ?? '';
  t.equal(causes.match(/^\| `/gm)?.length, Object.keys(CAUSES).length, 'and no other');
  const { Explanation } = jsonSchema('report').definitions as Record<
    string,
    { readonly properties?: object }
  >;
  const told = Object.keys(Explanation?.properties ?? {});
  t.ok(told.length > 5);
  for (const field of told) t.ok(why.includes(`| \`${field}\` |`), `why.md has ${field}`);
  const { Flow, Request, Reply } = jsonSchema('report').definitions as Record<string, unknown>;
  const fields = [Flow, Request, Reply].flatMap(keysOf);
  t.ok(fields.length > 30);
  t.strictSame(
    fields.filter((field) => !verdicts.has(field)),
    [],
    'fields of a flow in the report',
  );
});
