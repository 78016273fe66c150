import type { ConfigureItem, FileToWrite } from '../model/policy.js';
import { lengthOf } from '../net/ip-command.js';
import { type Asked, askedBy } from './asked.js';
import { type Entry, readConf, variableName } from './conf-d.js';
import type { Action, Tool } from './tool.js';
import { PREAMBLE, readTranscript } from './transcript.js';

const FILE = '/etc/conf.d/net';
const FOLDER = '/run/replypath';

/**
 * Gentoo's netifrc with iproute2, for interfaces with fixed addresses: no program of Gentoo's, but the commands that it would
 * carry out (net/iproute2.sh and init.d/net.lo.in of netifrc).
 */
export const netifrc: Tool = {
  needs: [],
  start: (item) => run(item, 'start', startLines),
  restart: (item) => [...run(item, 'stop', stopLines), ...run(item, 'start', startLines)],
  stop: (item) => run(item, 'stop', stopLines),
  asked: (item) =>
    item.interfaces.flatMap((name) => entriesOf(item, name).flatMap((entry) => askedByEntry(name, entry))),
  faultOf: (item) => {
    if (!item.files.some(isConfiguration))
      return { message: `netifrc is given no ${FILE}`, hint: `Add ${FILE} to files.` };
    if (item.interfaces.length === 0)
      return {
        message: 'netifrc is not told which interfaces it starts',
        hint: 'Add interfaces, as in interfaces: [eth0, eth1].',
      };
    return null;
  },
};

function isConfiguration({ path }: FileToWrite): boolean {
  return path === FILE || path.startsWith(`${FILE}.`);
}

/** A command, and the line of a file that it comes of. */
interface Line {
  readonly command: string;
  readonly file: string;
  readonly line: number;
}

type Placed = Entry & { readonly file: string };

/** Of an interface; a file of its own, as it was with older versions, counts like the one of all. */
function entriesOf({ files }: ConfigureItem, name: string): readonly Placed[] {
  return files
    .filter(isConfiguration)
    .flatMap(({ path, text }) => readConf(text).map((entry) => ({ ...entry, file: path })))
    .filter((entry) => entry.interface === variableName(name));
}

/** Up, addresses, routes, and only then rules; a metric of its own for every route that says none: the interface's number. */
function startLines(name: string, entries: readonly Placed[]): readonly Line[] {
  const of = (variable: string) => entries.filter((entry) => entry.variable === variable);
  const [metric] = of('metric');
  const own = metric?.text ?? `$(cat /sys/class/net/${name}/ifindex)`;
  const place = { file: entries[0]?.file ?? FILE, line: entries[0]?.line ?? 1 };
  return [
    { ...place, command: `ip link set dev ${name} up` },
    ...of('config').map((entry) => lineOf(entry, addressCommand(name, entry.text))),
    ...of('routes').map((entry) => lineOf(entry, routeCommand(name, entry.text, own))),
    ...of('rules').map((entry) => lineOf(entry, `ip -4 rule add ${entry.text}`)),
    ...of('rules6').map((entry) => lineOf(entry, `ip -6 rule add ${entry.text}`)),
  ];
}

/** The rules are taken back one by one, the routes go with the addresses. */
function stopLines(name: string, entries: readonly Placed[]): readonly Line[] {
  const of = (variable: string) => entries.filter((entry) => entry.variable === variable);
  const place = { file: entries[0]?.file ?? FILE, line: entries[0]?.line ?? 1 };
  return [
    { ...place, command: `ip address flush dev ${name} scope global` },
    { ...place, command: `ip link set dev ${name} down` },
    ...of('rules').map((entry) => lineOf(entry, `ip -4 rule del ${entry.text}`)),
    ...of('rules6').map((entry) => lineOf(entry, `ip -6 rule del ${entry.text}`)),
  ];
}

function lineOf({ file, line }: Placed, command: string): Line {
  return { file, line, command };
}

function addressCommand(name: string, text: string): string {
  const [address = '', ...rest] = text.split(/\s+/);
  const netmask = /\bnetmask (\S+)/.exec(text)?.[1];
  const length = address.includes('/') || netmask === undefined ? '' : `/${netmask}`;
  const others = rest.join(' ').replace(/\bnetmask \S+/, '');
  const broadcast = address.includes(':') || /\b(broadcast|brd)\b/.test(text) ? '' : ' broadcast +';
  return `ip address add ${address}${length} ${others}${broadcast} dev ${name}`.replaceAll(/ +/g, ' ');
}

const DEAD_ENDS = /^(blackhole|prohibit|throw|unreachable) /;

/** As of route(8), too: `-net N netmask M gw G`, `N gw G`. */
function routeWords(text: string): string {
  return text
    .replace(/^-(host|net) /, '')
    .replace(/ netmask (\S+)/, (_, mask: string) => `/${lengthOf(mask) ?? mask}`)
    .replace(/^(\S+) gw /, '$1 via ');
}

function routeCommand(name: string, text: string, metric: string): string {
  const words = routeWords(text);
  const isSaid = /\bmetric\b|\bnexthop\b/.test(words);
  const device = DEAD_ENDS.test(words) ? '' : ` dev ${name}`;
  return `ip route append ${words}${isSaid ? '' : ` metric ${metric}`}${device}`;
}

/** Without the device and the metric that netifrc adds: nobody asked for these. */
function askedByEntry(name: string, { file, line, variable, text }: Placed): Asked[] {
  const said = { file, line };
  switch (variable) {
    case 'config':
      return askedBy(said, text, addressCommand(name, text));
    case 'routes':
      return askedBy(said, text, `ip route append ${routeWords(text)}`);
    case 'rules':
    case 'rules6':
      return askedBy(said, text, `ip ${variable === 'rules6' ? '-6' : '-4'} rule add ${text}`);
    default:
      return [];
  }
}

/** What is there already is a warning to netifrc, after which it goes on. */
const WARNINGS = /File exists|already assigned/;

function run(
  item: ConfigureItem,
  verb: 'start' | 'stop',
  linesOf: (name: string, entries: readonly Placed[]) => readonly Line[],
): readonly Action[] {
  const lines = item.interfaces.flatMap((name) => linesOf(name, entriesOf(item, name)));
  const text = lines.map(({ command }) => `${command}\n`).join('');
  const [path, preamble] = [`${FOLDER}/${item.name}.${verb}`, `${FOLDER}/preamble`];
  return [
    {
      kind: 'files',
      files: [
        { path, mode: '0644', text },
        { path: preamble, mode: '0644', text: PREAMBLE },
      ],
    },
    {
      kind: 'program',
      argv: ['env', `BASH_ENV=${preamble}`, 'bash', path],
      read: ({ stdout, stderr, exit }) =>
        readTranscript(`${stdout}${stderr}`.replaceAll(`${path}: `, ''), text, exit).map((command) => {
          const { file, line } = lines[command.line - 1] ?? { file: FILE, line: 1 };
          return { ...command, file, line, failed: command.failed && !WARNINGS.test(command.message) };
        }),
    },
  ];
}
