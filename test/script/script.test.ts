import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { readScenarios } from '../../src/cli/read-scenarios.js';
import { planFlows } from '../../src/plan/flows.js';
import { planLab } from '../../src/plan/lab.js';
import { insideScript, labScript } from '../../src/script/script.js';
import { packageFolder } from '../../src/system/package-folder.js';
import { FIXED_PATH } from '../../src/system/path.js';

const ROOT = packageFolder();
const FOLDERS = ['scenarios', 'test/netns/recipes', 'test/netns/verdicts', 'test/netns/processes'];
const { scenarios } = await readScenarios(FOLDERS, ROOT);

/** One cell of each matrix: the others differ in values, not in kinds of commands. */
const cells = [...new Map(scenarios.map((scenario) => [scenario.id, scenario])).values()];

const scripts = cells.map((scenario) => {
  const [plan, flows] = [planLab(scenario), planFlows(scenario)];
  return {
    name: scenario.name,
    whole: labScript(plan, flows, { version: '0', command: ['replypath', 'plan', "it's"] }),
    inside: insideScript(plan, flows),
  };
});

function said(program: string, args: readonly string[], input: string): string {
  const { stdout, stderr } = spawnSync(program, args, { input, encoding: 'utf8' });
  return `${stdout}${stderr}`;
}

t.test('each script is correct bash, without and within', async (t) => {
  t.ok(scripts.length > 40);
  for (const { name, whole, inside } of scripts) {
    t.equal(said('bash', ['-n'], whole), '', name);
    t.equal(said('bash', ['-n'], inside), '', `${name}, inside`);
  }
});

t.test('shellcheck has nothing against them', async (t) => {
  // Those with a kind of command each; the functions are in all of them.
  const kinds = [
    /a1-rt2 /,
    /b24-masquerade/,
    /recipes\/typed/,
    /as-pasted/,
    /b14-interface-restart/,
    /failover\/translated/,
  ];
  for (const kind of kinds) {
    const script = scripts.find(({ name }) => kind.test(name));
    t.ok(script, String(kind));
    t.equal(said('shellcheck', ['-'], script?.whole ?? ''), '', `${kind}`);
    t.equal(said('shellcheck', ['-'], script?.inside ?? ''), '', `${kind}, inside`);
  }
});

t.test('nodes get the files and the PATH that the agent gives', async (t) => {
  const agent = readFileSync(join(ROOT, 'src/system/agent.pl'), 'utf8');
  const script = scripts.find(({ name }) => name.endsWith('recipes/files'))?.whole ?? '';
  t.match(script, `PATH=/run/replypath/bin:${FIXED_PATH} `);
  for (const list of ['COPIED', 'LINKED']) {
    const [, words = ''] = new RegExp(`my @ETC_${list} = qw\\((.*)\\);`).exec(agent) ?? [];
    t.not(words, '');
    t.match(script, `for file in ${words}; do`);
  }
});
