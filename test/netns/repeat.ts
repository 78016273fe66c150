// The program behind scripts/repeat, which says what it does.
import { spawn } from 'node:child_process';
import { mkdir, rm } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { FlowResult } from '../../src/model/flow-result.js';
import type { RunReport } from '../../src/model/result.js';
import { execute, ROOT, runCommand } from './command.js';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    runs: { type: 'string', default: '200' },
    parallel: { type: 'string', default: '1' },
    busy: { type: 'boolean', default: false },
    output: { type: 'string', default: 'replypath-results/repeat' },
  },
});
const runs = positive('runs', values.runs);
const parallel = positive('parallel', values.parallel);
const paths = positionals.length > 0 ? positionals : [join(ROOT, 'scenarios')];

function positive(option: string, text: string): number {
  if (/^[1-9]\d*$/.test(text)) return Number(text);
  console.error(`repeat: --${option} takes a whole number above 0, not ${text}`);
  process.exit(2);
}

/** What of a run may not change, by what it is about. */
type Findings = ReadonlyMap<string, string>;

function findingsOf(report: RunReport): Findings {
  const findings = new Map<string, string>();
  for (const { name, status, reason, steps } of report.scenarios) {
    findings.set(name, [status, reason?.text].filter(Boolean).join(': '));
    for (const { title, flows } of steps)
      for (const [i, flow] of flows.entries())
        findings.set(
          `${name}, ${title}, flow ${i + 1} (${flow.from} → ${flow.to} ${flow.probe} IPv${flow.family})`,
          flowText(flow),
        );
  }
  return findings;
}

function flowText({ verdict, request, reply, cause, packets, lost }: FlowResult): string {
  const way = (direction: FlowResult['request']) =>
    `in ${direction.in} out ${direction.out} nexthop ${direction.nexthop}`;
  const texts = [
    verdict,
    `request ${way(request)}`,
    `reply ${way(reply)} source ${reply.source}`,
    `lost ${lost === null ? null : `${lost.node}:${lost.interface} ${lost.direction} ${lost.reason}`}`,
    `packets ${packets.map((each) => each.verdict).join(' ')}`,
  ];
  // The cause of a verdict that was reached is told by its code; of one that was not, the text has the details.
  texts.push(`cause ${verdict === 'inconclusive' ? cause?.text : (cause?.code ?? null)}`);
  return texts.join('; ');
}

/** What differs between two runs, a line each. */
function differences(first: Findings, other: Findings): string[] {
  return [...new Set([...first.keys(), ...other.keys()])]
    .filter((key) => first.get(key) !== other.get(key))
    .map((key) => `${key}\n    first: ${first.get(key)}\n    now:   ${other.get(key)}`);
}

/** One run of the suite into a folder of its own. */
async function suite(folder: string): Promise<{ findings: Findings; code: number | null; stderr: string }> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const { code, signal, stdout, stderr } = await execute(runCommand(folder, paths));
  try {
    return { findings: findingsOf(JSON.parse(stdout)), code, stderr };
  } catch {
    return { findings: new Map([['the run', `no report: ${signal ?? code}: ${stderr}`]]), code, stderr };
  }
}

/** One endless loop for each core; they end with this process. */
function makeBusy(): () => void {
  const loops = Array.from({ length: availableParallelism() }, () =>
    spawn('/usr/bin/setpriv', ['--pdeathsig', 'KILL', 'sh', '-c', 'while :; do :; done'], {
      stdio: 'ignore',
    }),
  );
  return () => {
    for (const loop of loops) loop.kill('SIGKILL');
  };
}

const idle = values.busy ? makeBusy() : () => {};
const begin = performance.now();
let first: { findings: Findings; folder: string } | null = null;
let begun = 0;
let ended = 0;
let different = 0;

async function worker(): Promise<void> {
  while (begun < runs) {
    const number = ++begun;
    const folder = join(values.output, `run-${number}`);
    const { findings, code, stderr } = await suite(folder);
    ended++;
    if (first === null) {
      first = { findings, folder };
      const flows = [...findings.keys()].filter((key) => key.includes(', flow ')).length;
      console.log(`${findings.size - flows} scenarios, ${flows} flows; the first run exited with ${code}`);
      continue;
    }
    const changed = differences(first.findings, findings);
    if (changed.length === 0) {
      await rm(folder, { recursive: true, force: true });
      continue;
    }
    different++;
    console.log(`run ${number} differs from the first; kept in ${folder}\n  ${changed.join('\n  ')}`);
    if (stderr) console.log(stderr.trimEnd());
  }
}

await Promise.all(Array.from({ length: parallel }, worker));
idle();
const seconds = ((performance.now() - begin) / 1000).toFixed(0);
console.log(
  `${ended} runs, ${parallel} side by side${values.busy ? ', beside busy cores' : ''}: ${seconds} s`,
);
console.log(`${different} differ`);
process.exitCode = different === 0 ? 0 : 1;
