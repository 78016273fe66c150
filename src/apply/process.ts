import type { LabNode } from '../build/lab.js';
import type { Started, UnaskedEnd } from '../build/processes.js';
import type { AwaitItem, ProcessItem, ReadyCondition } from '../model/policy.js';
import type { CommandReport } from '../model/result.js';
import type { Outcome } from './outcome.js';

/** As timeout(1) has it. */
const TIMED_OUT = 124;

/** Starts a process that goes on, and waits until it is ready. */
export async function applyProcess(node: LabNode, item: ProcessItem): Promise<Outcome> {
  const started = await node.processes.start(item);
  return outcomeOf(textOf(item), failureOf(node, item, started));
}

export async function applyStop(node: LabNode, name: string): Promise<Outcome> {
  const known = await node.processes.stop(name);
  return outcomeOf(`stop ${name}`, known ? null : { exit: 1, message: unknownName(node, name) });
}

export async function applyRestart(node: LabNode, name: string): Promise<Outcome> {
  const text = `restart ${name}`;
  const restarted = await node.processes.restart(name);
  if (restarted === null) return outcomeOf(text, { exit: 1, message: unknownName(node, name) });
  return outcomeOf(text, failureOf(node, restarted.item, restarted.started));
}

/** Waits until all conditions hold. */
export async function applyAwait(node: LabNode, { conditions, timeoutMs }: AwaitItem): Promise<Outcome> {
  const { missing, said } = await node.processes.await(conditions, timeoutMs);
  const text = `await ${conditions.map(({ kind }) => kind).join(', ')}`;
  if (missing.length === 0) return outcomeOf(text, null);
  return outcomeOf(text, { exit: TIMED_OUT, message: lateText(timeoutMs, missing, said) });
}

/** What a process that ended by itself is reported as. */
export function endReport(node: LabNode, { item, ending, lastLines }: UnaskedEnd): CommandReport {
  return {
    node: node.name,
    line: 1,
    text: textOf(item),
    exit: ending.exit,
    message: withLog(node, item, 'it ended, and nobody had asked it to', lastLines),
    unexpected: !item.mayEnd,
  };
}

interface Failure {
  readonly exit: number;
  readonly message: string;
}

function outcomeOf(text: string, failure: Failure | null): Outcome {
  const { exit, message } = failure ?? { exit: 0, message: '' };
  return { commands: [{ line: 1, text, exit, message, failed: failure !== null }], timedOut: false };
}

function failureOf(node: LabNode, item: ProcessItem, started: Started): Failure | null {
  switch (started.outcome) {
    case 'ready':
      return null;
    case 'running':
      return {
        exit: 1,
        message: `a process ${item.name} runs in ${node.name} already: give this one another name, or write \`restart: ${item.name}\``,
      };
    case 'refused':
      return { exit: 126, message: `sh: ${started.errno}` };
    case 'ended': {
      const { exit } = started.ending;
      const said =
        exit === 0
          ? 'it ended before it was ready; where it put itself into the background, have it stay in the foreground'
          : 'it ended before it was ready';
      return { exit, message: withLog(node, item, said, started.lastLines) };
    }
    case 'not-ready': {
      const { missing, lastLines, said } = started;
      return {
        exit: TIMED_OUT,
        message: withLog(node, item, lateText(item.timeoutMs, missing, said), lastLines),
      };
    }
  }
}

function textOf({ name, command }: ProcessItem): string {
  return `process ${name}: ${command.trim()}`;
}

function lateText(timeoutMs: number, missing: readonly ReadyCondition[], said: string): string {
  const waited = `not ready after ${timeoutMs} ms: ${missing.map(conditionText).join('; ')}`;
  return said === '' ? waited : `${waited}\n${said}`;
}

/** What a condition says, where it does not hold. */
function conditionText(condition: ReadyCondition): string {
  switch (condition.kind) {
    case 'output':
      return `it has not printed ${condition.pattern}`;
    case 'file':
      return `there is no ${condition.path}`;
    case 'unix':
      return `there is no socket ${condition.path}`;
    case 'port':
      return `nothing listens on ${condition.protocol}/${condition.port}`;
    case 'reaches':
      return `${condition.address} does not answer a ping`;
    case 'shell':
      return `${condition.command.trim()} fails`;
  }
}

function withLog(node: LabNode, item: ProcessItem, said: string, lastLines: string): string {
  const printed = lastLines.trim() === '' ? 'it printed nothing' : `it printed last:\n${lastLines.trim()}`;
  return `${said}\n${printed}\nall that it printed: ${node.name}/${item.name}.log, beside the captures`;
}

function unknownName({ name: node, processes: { names } }: LabNode, name: string): string {
  const known = names.length === 0 ? 'none was started there' : `there is ${names.join(', ')}`;
  return `no process ${name} was started in ${node}: ${known}`;
}
