import type { ConfigureItem, FileToWrite, ProcessItem } from '../model/policy.js';
import { lengthOf } from '../net/ip-command.js';
import { type Asked, askedBy } from './asked.js';
import type { Action, Tool } from './tool.js';

/** What is exchanged until a tunnel is up takes about a second; a peer that is started later is tried again. */
const CONNECTED_TIMEOUT_MS = 30_000;

const CONFIGURATION = /^\/etc\/openvpn\/(?:client\/|server\/)?([^/]+)\.conf$/;

/** openvpn(8), one process for each of its configurations, as the services that come with it do. */
export const openvpn: Tool = {
  needs: [{ tool: 'openvpn', oldest: null }, 'tun'],
  start: (item) => configurationsOf(item).map((file) => processOf(item, file)),
  restart: (item) =>
    configurationsOf(item).flatMap((file): readonly Action[] => {
      const process = processOf(item, file);
      return [{ kind: 'stop', name: process.name }, process];
    }),
  stop: (item) => configurationsOf(item).map((file) => ({ kind: 'stop', name: processOf(item, file).name })),
  asked: (item) => configurationsOf(item).flatMap(askedByConfiguration),
  faultOf: (item) =>
    configurationsOf(item).length > 0
      ? null
      : {
          message: 'openvpn is given no configuration',
          hint: 'Add /etc/openvpn/NAME.conf to files; see openvpn(8).',
        },
};

function configurationsOf({ files }: ConfigureItem): readonly FileToWrite[] {
  return files.filter(({ path }) => CONFIGURATION.test(path));
}

function processOf({ name }: ConfigureItem, { path }: FileToWrite): ProcessItem {
  const folder = path.slice(0, path.lastIndexOf('/'));
  return {
    kind: 'process',
    name: `${name}-${CONFIGURATION.exec(path)?.[1]}`,
    command: `exec openvpn --cd ${folder} --config ${path}`,
    ready: [{ kind: 'output', pattern: 'Initialization Sequence Completed' }],
    timeoutMs: CONNECTED_TIMEOUT_MS,
    stopSignal: 'TERM',
    mayEnd: false,
  };
}

/** Addresses, and routes by a gateway that it names; those through the tunnel have one that is known once it is up. */
function askedByConfiguration({ path, text }: FileToWrite): Asked[] {
  const lines = text.split('\n').map((line) =>
    line
      .replace(/[#;].*$/, '')
      .trim()
      .split(/\s+/),
  );
  const device = lines.find(([directive]) => directive === 'dev')?.[1] ?? '';
  const isSubnet = lines.some(([directive, topology]) => directive === 'topology' && topology === 'subnet');
  return lines.flatMap((words, i) => {
    const command = commandFor(words, /\d$/.test(device) && isSubnet ? device : null);
    return command === null ? [] : askedBy({ file: path, line: i + 1 }, words.join(' '), command);
  });
}

/** @param device with an address of a subnet; null where its name or its kind of address is not known before. */
function commandFor(
  [directive, network = '', mask = '', gateway]: string[],
  device: string | null,
): string | null {
  const length = lengthOf(mask);
  if (directive === 'route' && gateway !== undefined)
    return `ip route add ${network}/${length} via ${gateway}`;
  if (device === null || length === null) return null;
  if (directive === 'ifconfig') return `ip address add ${network}/${length} dev ${device}`;
  if (directive !== 'server') return null;
  // The server takes the first of the subnet; openvpn(8), `server`.
  const first = network.replace(/\d+$/, (last) => String(Number(last) + 1));
  return `ip address add ${first}/${length} dev ${device}`;
}
