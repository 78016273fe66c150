import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { dir } from 'tmp-promise';
import { applyPolicy } from '../../src/apply/apply.js';
import { buildLab } from '../../src/build/lab.js';
import { readScenarios } from '../../src/cli/read-scenarios.js';
import type { LabPlan } from '../../src/model/plan.js';
import type { Scenario } from '../../src/model/scenario.js';
import { planFlows } from '../../src/plan/flows.js';
import { planLab } from '../../src/plan/lab.js';
import { nodeOf } from '../../src/run/deed.js';
import { runStep } from '../../src/run/step.js';
import { labScript } from '../../src/script/script.js';
import type { Agent } from '../../src/system/agent.js';
import { type SandboxLab, startSandbox } from '../../src/system/sandbox.js';
import { ROOT } from './command.js';

/*
 * The state in which a scenario leaves its lab: once as run builds it, and once as the script of plan does.
 */

const DEADLINE_MS = 60_000;

/** What of a node a lab could have set, printed by its own tools. */
const NETWORK = [
  'hostname',
  'ip -d addr',
  'ip rule',
  'ip -6 rule',
  'ip -4 route show table all',
  // What the kernel adds for each interface is in the order in which they came up, which in a run is chance.
  'ip -6 route show table all | grep -v -e fe80: -e ff00:',
  'ip -6 route show table all | grep -e fe80: -e ff00: | sort',
  'nft -s list ruleset',
  'grep -rs . /proc/sys/net | sort',
  "grep -E ' (/etc|/run|/tmp|/var|/sys|/proc.*) ' /proc/self/mountinfo | cut -d' ' -f 5,6 | sort -u",
];
const FILES = [
  // What tools leave while they run, and the recipes themselves, have names of their own in each lab.
  "find /etc /run /tmp /var -path '/run/replypath/*' -prune -o -printf '%p %y %m %l\\n' | sort",
  'find /etc /tmp /var -type f -exec sha256sum {} + | sort -k 2',
  'find /run/replypath/bin -type f -exec sha256sum {} +',
];

function questions(privateFiles: boolean): string {
  const all = privateFiles ? [...NETWORK, ...FILES] : NETWORK;
  return all.map((question) => `echo '$ ${question.replaceAll("'", '')}'; ${question} 2>&1`).join('\n');
}

/** State by node; `lab` is where bridges and their ports live. */
export type LabState = ReadonlyMap<string, string>;

export async function scenariosOf(...paths: readonly string[]): Promise<readonly Scenario[]> {
  const { scenarios, diagnostics } = await readScenarios(paths, ROOT);
  if (diagnostics.length > 0) throw new Error(diagnostics.map(({ message }) => message).join('\n'));
  return scenarios;
}

/** As `run` does it, by its own parts, up to the end of the last step. */
export async function stateByRun(scenario: Scenario): Promise<LabState> {
  const plan = planLab(scenario);
  const flows = planFlows(scenario);
  const fresh = scenario.steps.findLastIndex((step, i) => step.fresh || i === 0);
  const sandbox = await startSandbox();
  try {
    // By tcpdump, because that of the script is there too when state is looked at.
    const opened: SandboxLab[] = [];
    const openLab: typeof sandbox.openLab = async (requests) => {
      const inside = await sandbox.openLab(requests);
      opened.push(inside);
      return inside;
    };
    const lab = await buildLab(plan, { ...sandbox, openLab }, 'tcpdump');
    for (const { name, policy } of scenario.topology.nodes)
      await applyPolicy(nodeOf(lab, name), policy, [], DEADLINE_MS);
    for (const step of scenario.steps.slice(fresh)) {
      const { goOn, reason } = await runStep(lab, step, flows.get(step) ?? [], null);
      if (!goOn) throw new Error(`${scenario.name}: ${reason?.text}`);
    }
    const state = new Map<string, string>();
    const ask = async (name: string, agent: Agent, privateFiles: boolean) => {
      const argv = ['bash', '-c', questions(privateFiles)] as const;
      state.set(name, steady((await agent.run(argv, { timeoutMs: DEADLINE_MS })).stdout));
    };
    for (const { first } of opened) await ask('lab', first, false);
    for (const { name, privateFiles } of plan.nodes) await ask(name, nodeOf(lab, name).agent, privateFiles);
    await lab.close();
    return state;
  } finally {
    await sandbox.close();
  }
}

export interface Scripted {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly state: LabState;
}

const MARK = '@@@';

/** By the script, whose shell in the lab is asked at its end; by that of `plan` unless another one is given. */
export async function stateByScript(scenario: Scenario, script: string | null = null): Promise<Scripted> {
  const plan = planLab(scenario);
  const planned = () => labScript(plan, planFlows(scenario), { version: '0', command: ['test'] });
  const folder = await dir({ unsafeCleanup: true, mode: 0o755 });
  try {
    const file = join(folder.path, 'lab.sh');
    await writeFile(file, script ?? planned());
    const { stdout, ...ended } = await executeWith(dumpCommands(plan), ['bash', file]);
    const [printed = '', ...parts] = stdout.split(`\n${MARK} `);
    const state = new Map(
      parts.map((part) => {
        const [name = '', ...lines] = part.split('\n');
        return [name, steady(lines.join('\n'))];
      }),
    );
    return { ...ended, stdout: printed, state };
  } finally {
    await folder.cleanup();
  }
}

function dumpCommands({ nodes }: LabPlan): string {
  const quoted = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`;
  const ask = (name: string, on: string, privateFiles: boolean) =>
    `printf '\\n%s %s\\n' ${MARK} ${name}; ${on} bash -c ${quoted(questions(privateFiles))}\n`;
  return [
    ask('lab', '', false),
    ...nodes.map(({ name, privateFiles }) => ask(name, `on ${name}`, privateFiles)),
  ].join('');
}

async function executeWith(stdin: string, argv: readonly string[]): Promise<Omit<Scripted, 'state'>> {
  const [program = 'bash', ...args] = argv;
  const child = spawn(program, args, {
    env: { ...process.env, LAB_SHELL: '1' },
    timeout: DEADLINE_MS,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  child.stdin.on('error', () => {}).end(stdin);
  const [code] = await once(child, 'close');
  return { code, stdout, stderr };
}

/**
 * Without what is never the same twice: timers of bridges, lifetimes, how many connections are tracked just now,
 * and the layer-2 addresses that the kernel draws for what a recipe makes (those of the plan begin with 02:72:70).
 */
function steady(text: string): string {
  return text
    .replace(/link\/ether (?!02:72:70)\S+/g, 'link/ether …')
    .replace(/(_timer|expires) +[\d.]+(sec)?/g, '$1 …')
    .replace(/^.*(nf_conntrack_count|nf_conntrack_buckets):.*\n/gm, '')
    .trimEnd();
}
