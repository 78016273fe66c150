import { times } from './generated.js';

const RULES = 10_000;
const ROUTES = 100_000;

/** A file has a bounded size: entries in each. */
const PER_FILE = 5_000;

/** IPv4 alone: 100,000 routes in 100 tables, and 10,000 rules that choose one each. */
const routes = times(ROUTES, (i) => ({
  table: 1000 + (i % 100),
  to: `${11 + (i >> 16)}.${(i >> 8) & 255}.${i & 255}.0/24`,
  via: '10.0.0.2',
  dev: 'right',
}));
const rules = times(RULES, (i) => ({
  from: `172.16.${i >> 8}.${i & 255}`,
  table: 1000 + (i % 100),
  preference: 100 + i,
}));

/** The same as commands for `ip -batch`. */
export const COMMANDS: readonly string[] = [
  ...routes.map(({ table, to, via, dev }) => `route add ${to} via ${via} dev ${dev} table ${table}`),
  ...rules.map(
    ({ from, table, preference }) => `rule add from ${from} table ${table} preference ${preference}`,
  ),
];

/** The same as typed policies, one for each file. */
export function typedPolicies(): object[] {
  return [
    ...parts(routes).map((part) => ({ ip: { routes: part } })),
    ...parts(rules).map((part) => ({ ip: { rules: part } })),
  ];
}

/** The same as scripts, one for each file. */
export function shellPolicies(): object[] {
  return parts(COMMANDS).map((part) => ({ shell: [`ip -batch - <<'END'`, ...part, 'END', ''].join('\n') }));
}

function parts<T>(all: readonly T[]): T[][] {
  return times(Math.ceil(all.length / PER_FILE), (i) => all.slice(i * PER_FILE, (i + 1) * PER_FILE));
}
