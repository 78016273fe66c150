import type { ScenarioResult } from '../../../src/model/result.js';

/** What a node has at the end, by the words of ip(8). */
export interface NodeState {
  readonly node: string;
  /** Files of the name that a hostile text would make. */
  readonly made: readonly string[];
  readonly links: readonly string[];
  /** Of IPv4, without those that the kernel adds for addresses of its own. */
  readonly rules: readonly string[];
  readonly routes: readonly string[];
}

/** One command that fails by 9 and whose message is the state: only what fails is reported with its output. */
export function stateScript(mark: string): string {
  const questions = ['ip -j link', 'ip -j -4 rule', 'ip -j -4 route show table all'];
  const asked = questions.map((question) => `echo "$(${question})"`).join('; ');
  // What a node may write; the rest is the machine's, and the same for all.
  const files = `find /etc /run /tmp /var /dev -name ${mark} 2>/dev/null`;
  return `bash -c '{ ${asked}; ${files}; } >&2; exit 9'\n`;
}

interface Link {
  readonly ifname: string;
}

interface Rule {
  readonly priority: number;
  readonly src: string;
  readonly table: string;
}

interface Route {
  readonly type?: string;
  readonly dst: string;
  readonly gateway?: string;
  readonly dev: string;
  readonly table?: string;
}

export function statesOf({ steps }: ScenarioResult): NodeState[] {
  const commands = (steps.at(-1)?.commands ?? []).filter(({ exit }) => exit === 9);
  return commands.map(({ node, message }) => {
    const [links = '', rules = '', routes = '', ...made] = message.split('\n');
    return {
      node,
      made: made.filter((line) => line !== ''),
      links: (JSON.parse(links) as Link[]).map(({ ifname }) => ifname),
      rules: (JSON.parse(rules) as Rule[]).map(
        ({ priority, src, table }) => `${priority}: ${src === 'all' ? '' : `from ${src} `}table ${table}`,
      ),
      routes: (JSON.parse(routes) as Route[])
        .filter(({ type, table }) => type !== 'local' && type !== 'broadcast' && table !== 'local')
        .map(
          ({ dst, gateway, dev, table = 'main' }) =>
            `${dst} ${gateway === undefined ? '' : `via ${gateway} `}dev ${dev} table ${table}`,
        ),
    };
  });
}
