import type { NodeDeed } from '../model/plan.js';
import type { ConfigureItem } from '../model/policy.js';
import type { Action } from '../tools/tool.js';
import { TOOLS_BY_NAME } from '../tools/tools.js';
import { ipCommands } from './ip.js';
import { awaitCommand, processCommands, writeFiles } from './processes.js';
import { command } from './shell.js';

/** A tool's files, how it is started, and functions by which `start` and `stop` do so again. */
export function configureCommands(node: string, item: ConfigureItem): string[] {
  const tool = TOOLS_BY_NAME[item.tool];
  const [start, stop] = [tool.start(item), tool.stop(item)];
  return [
    ...writeFiles(node, item.files),
    ...functionOf(`start-${node}-${item.name}`, node, start),
    ...functionOf(`stop-${node}-${item.name}`, node, stop),
    command(`start-${node}-${item.name}`),
  ];
}

function functionOf(name: string, node: string, actions: readonly Action[]): string[] {
  const body = actions.flatMap((action) => actionCommands(node, action));
  return [`${name}() {`, ...(body.length === 0 ? [':'] : body), '}'];
}

function actionCommands(node: string, action: Action): string[] {
  switch (action.kind) {
    case 'program':
      return [command('on', node, ...action.argv)];
    case 'layer': {
      const lower = `lowerdir="\${XDG_CACHE_HOME:-$HOME/.cache}/replypath/packages/${action.package}/usr:/usr"`;
      return [
        `on ${node} which ${action.program} >/dev/null ||`,
        `  on ${node} mount -t overlay replypath /usr -o ro,${lower}`,
      ];
    }
    case 'files':
      return writeFiles(node, action.files);
    case 'elsewhere':
      return elsewhereCommands(action.deed);
    case 'process':
      return processCommands(node, action);
    case 'stop':
      return [command('stop', node, action.name)];
    case 'await':
      return [awaitCommand(node, action)];
  }
}

function elsewhereCommands({ node, items }: NodeDeed): string[] {
  return items.flatMap((item) => {
    if (item.kind === 'ip') return ipCommands(node, item);
    return item.kind === 'await' ? [awaitCommand(node, item)] : [];
  });
}
