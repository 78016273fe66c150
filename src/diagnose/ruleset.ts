/** A base chain, where packets enter a ruleset, or one that others jump to; nft(8) "chains". */
export interface Chain {
  readonly family: string;
  readonly table: string;
  readonly name: string;
  /** Null of one that is only jumped to. */
  readonly base: BaseChain | null;
  /** In their order, as `nft list ruleset` prints them. */
  readonly rules: readonly string[];
  /** The named sets of its table, in braces as a rule would have them; those that hold more than values are left out. */
  readonly sets: Sets;
}

/** By name, without the `@`. */
export type Sets = ReadonlyMap<string, string>;

export interface BaseChain {
  /** `filter`, `nat`, `route`. */
  readonly type: string;
  readonly hook: string;
  /** Of chains at one hook the lower one is first. */
  readonly priority: number;
  readonly policy: 'accept' | 'drop';
}

/** Names of priorities: nft(8), "Standard priority names". Of bridges there are others; their packets are not routed. */
const PRIORITIES: Readonly<Record<string, number>> = {
  raw: -300,
  mangle: -150,
  dstnat: -100,
  filter: 0,
  security: 50,
  srcnat: 100,
};

const TABLE = /^table (\S+) (\S+) \{/;
const SET = /^\tset (\S+) \{/;
const CHAIN = /^\tchain (\S+) \{/;
const BASE = /^type (\S+) hook (\S+) (?:devices? .*)?priority (.+?); policy (\S+);/;

/** Reads what `nft list ruleset` prints: also what iptables has made by way of nft. */
export function readRuleset(text: string): Chain[] {
  const chains: Chain[] = [];
  let [family, table] = ['', ''];
  let open: { name: string; base: BaseChain | null; rules: string[] } | null = null;
  let sets = new Map<string, string>();
  let set: string | null = null;
  for (const line of wholeLines(text)) {
    const tableMatch = TABLE.exec(line);
    const setMatch = SET.exec(line);
    const chainMatch = CHAIN.exec(line);
    if (tableMatch !== null) {
      [family, table] = [tableMatch[1] ?? '', tableMatch[2] ?? ''];
      sets = new Map();
    } else if (setMatch !== null) {
      set = setMatch[1] ?? '';
      sets.set(set, '{ }');
    } else if (set !== null) {
      readSetLine(sets, set, line);
      if (line === '\t}') set = null;
    } else if (chainMatch !== null) open = { name: chainMatch[1] ?? '', base: null, rules: [] };
    else if (open === null) continue;
    else if (line === '\t}') {
      chains.push({ family, table, ...open, sets });
      open = null;
    } else {
      const statement = line.trim();
      const base = BASE.exec(statement);
      if (base !== null) open.base = baseOf(base);
      else if (statement !== '') open.rules.push(statement);
    }
  }
  return chains;
}

/** A set that packets change, or time does, may have been another one when the packet came; a pair is no single value. */
const UNTOLD = /^flags .*\b(dynamic|timeout)\b|^timeout |^elements .* (\.|timeout|expires|counter|comment) /;

function readSetLine(sets: Map<string, string>, name: string, line: string): void {
  const statement = line.trim();
  const [, elements] = /^elements = (\{.*\})$/.exec(statement) ?? [];
  if (UNTOLD.test(statement)) sets.delete(name);
  else if (elements !== undefined && sets.has(name)) sets.set(name, elements);
}

/** What nft(8) calls the address families of tables, for each kind of packet. */
const FAMILIES = {
  4: ['inet', 'netdev', 'ip'],
  6: ['inet', 'netdev', 'ip6'],
  arp: ['arp'],
} as const;

/** The base chains that a packet of the family meets at a hook, in their order. */
export function chainsAt(chains: readonly Chain[], hook: string, family: keyof typeof FAMILIES): Chain[] {
  const families: readonly string[] = FAMILIES[family];
  return chains
    .filter((chain) => chain.base?.hook === hook && families.includes(chain.family))
    .sort((a, b) => (a.base?.priority ?? 0) - (b.base?.priority ?? 0));
}

/** A rule without what it has counted, as one would write it. */
export function bareRule(rule: string): string {
  return rule.replace(/ ?counter packets \d+ bytes \d+/, '').trim();
}

/** `chain input of table inet filter`. */
export function chainText({ family, table, name }: Chain): string {
  return `chain ${name} of table ${family} ${table}`;
}

/** Lines with those joined over which a set is spread; nft breaks these within braces. */
function wholeLines(text: string): string[] {
  const lines: string[] = [];
  let pending = '';
  for (const line of text.split('\n')) {
    const whole = pending === '' ? line : `${pending} ${line.trim()}`;
    const opens = !/^(\t?)(table|chain|set|map|flowtable|counter|limit|quota|ct \S+) .*\{$/.test(whole);
    pending = opens && depthOf(whole) > 0 ? whole : '';
    if (pending === '') lines.push(whole);
  }
  return lines;
}

function depthOf(line: string): number {
  const bare = line.replace(/"[^"]*"/g, '');
  return bare.split('{').length - bare.split('}').length;
}

function baseOf([, type = '', hook = '', priority = '', policy = '']: RegExpExecArray): BaseChain {
  return { type, hook, priority: priorityOf(priority), policy: policy === 'drop' ? 'drop' : 'accept' };
}

function priorityOf(text: string): number {
  const [, name = '', sign = '+', offset = '0'] = /^([a-z]*)\s*(?:([+-])\s*)?(\d+)?$/.exec(text) ?? [];
  const distance = Number(offset) * (sign === '-' ? -1 : 1);
  return (PRIORITIES[name] ?? 0) + distance;
}
