import type { LabNode } from '../build/lab.js';
import { PREAMBLE, readTranscript } from '../tools/transcript.js';
import type { Outcome } from './outcome.js';

const FOLDER = '/run/replypath';

let scripts = 0;

/** Runs a script in a node as its root would, and reports it command by command. */
export async function applyShell(node: LabNode, script: string, timeoutMs: number): Promise<Outcome> {
  const name = `recipe-${++scripts}`;
  await node.agent.append(`${FOLDER}/${name}.env`, PREAMBLE);
  await node.agent.append(`${FOLDER}/${name}`, script);
  const argv = ['env', `BASH_ENV=${FOLDER}/${name}.env`, 'bash', `${FOLDER}/${name}`] as const;
  const result = await node.agent.run(argv, { timeoutMs });
  const ending = result.signal === 0 ? result.exit : 128 + result.signal;
  const output = `${result.stdout}${result.stderr}`.replaceAll(`${FOLDER}/${name}: `, '');
  return { commands: readTranscript(output, script, ending), timedOut: result.timedOut };
}
