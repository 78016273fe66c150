import type { LabPlan } from '../model/plan.js';
import type { ExpectedFailure, PolicyItem } from '../model/policy.js';
import type { Apply, Deed, LabEvent, Timed } from '../model/scenario.js';
import { configureCommands } from './configure.js';
import { ipCommands } from './ip.js';
import { writeSysctls } from './lab.js';
import { awaitCommand, processCommands, writeFiles } from './processes.js';
import { command, comment, withInput } from './shell.js';

/** As `run` gives scripts that an event runs. */
const HOOK_TIMEOUT_MS = 30_000;

/** What an item of a policy comes to, as `src/apply` does it. A failure does not keep the next from being tried. */
export function itemCommands(node: string, item: PolicyItem, timeoutMs: number): string[] {
  switch (item.kind) {
    case 'shell':
      return [withInput(command('recipe', node, String(timeoutMs / 1000)), item.script, 'RECIPE')];
    case 'ip':
      return ipCommands(node, item);
    case 'sysctl':
      return writeSysctls(node, item.settings, { stopAtFailure: false });
    case 'nft':
      return [withInput(command('on', node, 'nft', '-f', '-'), item.ruleset, 'NFT')];
    case 'iptables': {
      const tool = item.family === 4 ? 'iptables-restore' : 'ip6tables-restore';
      return [withInput(command('on', node, tool), item.ruleset, 'RULES')];
    }
    case 'files':
      return writeFiles(node, item.files);
    case 'configure':
      return configureCommands(node, item);
    case 'process':
      return processCommands(node, item);
    case 'await':
      return [awaitCommand(node, item)];
    case 'stop':
      return [command('stop', node, item.name)];
    case 'restart':
      return [command('stop', node, item.name), command('start', node, item.name)];
  }
}

function applyCommands({ node, items, expectedFailures, timeoutMs }: Apply): string[] {
  return [
    ...expectedFailures.map((failure) => comment(failureText(failure))),
    ...items.flatMap((item) => itemCommands(node, item, timeoutMs)),
  ];
}

function failureText({ line, file, exit, message }: ExpectedFailure): string {
  const where = file === undefined ? '' : `${file}, `;
  const status = exit === null ? '' : `, exit ${exit}`;
  return `expected to fail: ${where}line ${line}${status}${message === null ? '' : `, ${message}`}`;
}

export function deedCommands(deed: Deed, plan: LabPlan): string[] {
  return 'apply' in deed ? applyCommands(deed.apply) : eventCommands(deed.event, plan);
}

function eventCommands(event: LabEvent, plan: LabPlan): string[] {
  if (event.kind === 'shell') {
    const { node, script, timeoutMs } = event;
    return itemCommands(node, { kind: 'shell', script }, timeoutMs);
  }
  const dialled = plan.dials.get(event) ?? [];
  if (dialled.length > 0)
    return dialled.flatMap(({ node, items }) =>
      items.flatMap((item) => itemCommands(node, item, HOOK_TIMEOUT_MS)),
    );
  const { node, commands } = plan.events.get(event) ?? { node: null, commands: [] };
  const where = node === null ? [] : ['on', node];
  return commands.map(({ text }) => command(...where, 'ip', ...text.split(' ')));
}

/** What happens while the flows of a step run, beside them; `wait` waits for the process that does it. */
export function duringCommands(during: readonly Timed[], plan: LabPlan): string[] {
  if (during.length === 0) return [];
  let beforeMs = 0;
  const deeds = during.flatMap(({ atMs, deed }) => {
    const pause = (atMs - beforeMs) / 1000;
    beforeMs = atMs;
    return [...(pause > 0 ? [command('sleep', String(pause))] : []), ...deedCommands(deed, plan)];
  });
  return ['{', ...deeds, '} &', 'meanwhile=$!'];
}
