import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { parse } from 'yaml';
import { scenarioText } from '../cli/replypath.js';
import { runJob, runnerIn } from './runner.js';
import { type Job, type Workflow, workflowTexts } from './workflows.js';

/*
 * The shards of the workflow and the job that joins them are run here, step by step: which artifacts there are, and what
 * the joined report says and exits with, also where a scenario fails or a shard is lost.
 */
const { jobs }: Workflow = parse(workflowTexts().get('examples/github/routing.yml') ?? '');
const shard = jobs.shard as Job;
const report = jobs.report as Job;
const shards = shard.strategy?.matrix.shard ?? [];

t.test('a failure in one shard is in the joined report, and its captures are kept', async (t) => {
  const runner = runnerIn(t.testdir(), {
    'scenarios/good.yaml': scenarioText(),
    'scenarios/bad.yaml': scenarioText({ fails: true }),
  });
  const outcomes = await Promise.all(shards.map((number) => runJob(runner, shard, { shard: number })));
  t.strictSame(
    outcomes.map(({ passed }) => passed),
    [false, false, true],
    'the bad ones are the first of four',
    { outcomes },
  );
  t.strictSame(
    readdirSync(runner.artifacts),
    shards.map((number) => `shard-${number}`),
    'failed shards have artifacts too',
  );

  const joined = await runJob(runner, report);
  t.notOk(joined.passed);
  t.match(joined.log, /^::error file=scenarios\/bad\.yaml,line=\d+/m, 'failures are annotated');
  t.match(joined.log, /4 scenarios: 2 passed, 2 failed/);
  t.match(joined.summary, /✗.*bad .*family=4/);
  const junit = readFileSync(join(runner.artifacts, 'joined/joined/junit.xml'), 'utf8');
  t.equal(junit.match(/<testsuite /g)?.length, 4, 'JUnit has all scenarios');

  rmSync(join(runner.artifacts, 'shard-2'), { recursive: true });
  const incomplete = await runJob(runner, report);
  t.notOk(incomplete.passed, 'a shard that is not there is missed');
  t.match(incomplete.log, /shard-2/);
});

t.test('where all pass, so does the report', async (t) => {
  const runner = runnerIn(t.testdir(), { 'scenarios/good.yaml': scenarioText() });
  const outcomes = await Promise.all(shards.map((number) => runJob(runner, shard, { shard: number })));
  t.ok(
    outcomes.every(({ passed }) => passed),
    'shards, one of which is empty',
    { outcomes },
  );
  const joined = await runJob(runner, report);
  t.ok(joined.passed, 'report', joined);
  t.match(joined.log, /2 scenarios: 2 passed/);
});
