import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { MAIN, plainEnvironment } from '../cli/replypath.js';
import type { Job, Step } from './workflows.js';

/** What the jobs of one run of a workflow have in common. */
export interface Runner {
  /** What is checked out. */
  readonly project: string;
  /** Where artifacts are, each in a folder by its name. */
  readonly artifacts: string;
  /** Programs that stand for those that would change the machine. */
  readonly programs: string;
}

export interface JobOutcome {
  readonly passed: boolean;
  readonly log: string;
  readonly summary: string;
}

/** A runner in an empty folder. `npx replypath` is the command as it was compiled for tests. */
export function runnerIn(folder: string, files: Readonly<Record<string, string>>): Runner {
  const runner = {
    project: join(folder, 'project'),
    artifacts: join(folder, 'artifacts'),
    programs: join(folder, 'bin'),
  };
  for (const path of Object.values(runner)) mkdirSync(path);
  mkdirSync(join(runner.project, 'scenarios'));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(runner.project, name), text);
  const programs = {
    sudo: ':',
    npm: 'test "$*" = ci',
    npx: `test "$1" = replypath && shift && exec ${process.execPath} ${MAIN} "$@"`,
  };
  for (const [name, script] of Object.entries(programs)) {
    writeFileSync(join(runner.programs, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  }
  return runner;
}

/** Does a job's steps as a runner of GitHub would, with one combination of its matrix. */
export async function runJob(
  { project, artifacts, programs }: Runner,
  job: Job,
  matrix: Readonly<Record<string, string | number>> = {},
): Promise<JobOutcome> {
  const workspace = mkdtempSync(`${project}-`);
  const summary = `${workspace}.md`;
  const total = Object.values(job.strategy?.matrix ?? {}).reduce((all, { length }) => all * length, 1);
  const known: Record<string, string> = { 'strategy.job-total': String(total) };
  for (const [key, value] of Object.entries(matrix)) known[`matrix.${key}`] = String(value);
  const filled = (text: string): string =>
    text.replace(/\$\{\{ *([\w.-]+) *\}\}/g, (whole, name: string) => {
      const value = known[name];
      if (value === undefined) throw new Error(`the test knows no ${whole}`);
      return value;
    });
  const own = Object.entries(job.env ?? {}).map(([name, value]) => [name, filled(value)] as const);
  for (const [name, value] of own) known[`env.${name}`] = value;
  const env = {
    ...plainEnvironment(),
    ...Object.fromEntries(own),
    PATH: `${programs}:${process.env.PATH}`,
    CI: 'true',
    GITHUB_WORKSPACE: workspace,
    GITHUB_STEP_SUMMARY: summary,
  };
  let passed = true;
  let log = '';
  for (const step of job.steps) {
    if (!passed && step.if !== 'always()') continue;
    const { exitCode, all } = step.run === undefined ? act(step) : await shell(filled(step.run));
    log += all;
    passed &&= exitCode === 0;
  }
  return { passed, log, summary: existsSync(summary) ? readFileSync(summary, 'utf8') : '' };

  // https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax: defaults.run.shell
  async function shell(script: string) {
    const { exitCode, all } = await execa('bash', ['-e', '-c', script], {
      cwd: workspace,
      env,
      extendEnv: false,
      all: true,
      reject: false,
    });
    return { exitCode, all };
  }

  function act({ uses = '', with: inputs = {} }: Step) {
    const input = (name: string) => filled(String(inputs[name] ?? ''));
    const [action] = uses.split('@');
    if (action === 'actions/checkout') {
      cpSync(project, workspace, { recursive: true });
    } else if (action === 'actions/upload-artifact') {
      const path = join(workspace, input('path'));
      if (!existsSync(path)) return { exitCode: 1, all: `there is no ${path}\n` };
      cpSync(path, join(artifacts, input('name'), input('path')), { recursive: true });
    } else if (action === 'actions/download-artifact') {
      const [begin = ''] = input('pattern').split('*');
      for (const name of readdirSync(artifacts).filter((name) => name.startsWith(begin))) {
        const target = inputs['merge-multiple'] === true ? workspace : join(workspace, name);
        cpSync(join(artifacts, name), target, { recursive: true });
      }
    } else if (action !== 'actions/setup-node') {
      throw new Error(`the test knows no action ${uses}`);
    }
    return { exitCode: 0, all: '' };
  }
}
