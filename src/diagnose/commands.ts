import type { Repair } from '../model/diagnosis.js';
import type { PolicyItem } from '../model/policy.js';
import type { LabEvent } from '../model/scenario.js';

/** A line, or several, for a shell at a node. */
export interface TypedCommand {
  readonly node: string;
  readonly text: string;
}

/** What a person would type at the nodes to do the same as a repair; nothing of events of the lab, which nobody can type. */
export function commandsOf({ deeds }: Pick<Repair, 'deeds'>): TypedCommand[] {
  return deeds.flatMap((deed) => {
    if ('event' in deed) return typedEvent(deed.event);
    const { node, items } = deed.apply;
    return items.flatMap((item) => textsOf(item).map((text) => ({ node, text })));
  });
}

function typedEvent(event: LabEvent): TypedCommand[] {
  if (event.kind !== 'link-up') return [];
  const { node, interface: name } = event.endpoint;
  return [{ node, text: `ip link set dev ${name} up` }];
}

function textsOf(item: PolicyItem): string[] {
  switch (item.kind) {
    case 'ip':
      return item.commands.map(({ family, text }) => (family === 4 ? `ip ${text}` : `ip -6 ${text}`));
    case 'shell':
      return item.script.split('\n').filter((line) => line.trim() !== '');
    case 'sysctl':
      return item.settings.map(([key, value]) => `sysctl -w ${key}=${value}`);
    case 'nft':
      return [`nft -f - <<'END'\n${item.ruleset.trimEnd()}\nEND`];
    case 'iptables':
      return [
        `${item.family === 4 ? 'iptables' : 'ip6tables'}-restore <<'END'\n${item.ruleset.trimEnd()}\nEND`,
      ];
    case 'files':
    case 'configure':
    case 'process':
    case 'stop':
    case 'restart':
    case 'await':
      return [];
  }
}
