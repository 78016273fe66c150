import type { ConfigureItem, ProcessItem } from '../model/policy.js';
import type { Action, ProgramEnd, Tool } from './tool.js';

/** A lease takes two exchanges; a server that looks whether an address is in use asks for it first, for some seconds. */
const BOUND_TIMEOUT_MS = 30_000;

/**
 * dhclient(8) for IPv4, one process for each interface: a single one for several would be ready at the first lease. What it
 * will be given is not in its files, so that nothing is asked but what hooks say literally.
 */
export const dhclient: Tool = {
  needs: [{ tool: 'dhclient', oldest: null }],
  start: (item) => item.interfaces.map((name) => processOf(item, name)),
  restart: (item) =>
    item.interfaces.flatMap((name): readonly Action[] => {
      const process = processOf(item, name);
      return [{ kind: 'stop', name: process.name }, process];
    }),
  stop: (item) =>
    item.interfaces.flatMap((name): readonly Action[] => [
      { kind: 'stop', name: processOf(item, name).name },
      released(name),
    ]),
  asked: () => [],
  faultOf: ({ interfaces }) =>
    interfaces.length > 0
      ? null
      : {
          message: 'dhclient is not told by which interfaces to ask for leases',
          hint: 'Add interfaces, as in interfaces: [eth0, eth1].',
        },
};

function processOf({ name: tool }: ConfigureItem, name: string): ProcessItem {
  return {
    kind: 'process',
    name: `${tool}-${name}`,
    command: `exec dhclient -4 -d -v ${filesOf(name).join(' ')} ${name}`,
    ready: [{ kind: 'output', pattern: 'bound to ' }],
    timeoutMs: BOUND_TIMEOUT_MS,
    stopSignal: 'TERM',
    mayEnd: false,
  };
}

/** It tells the server, and has dhclient-script(8) take the address away. */
function released(name: string): Action {
  const argv = ['dhclient', '-4', '-r', '-v', ...filesOf(name), name] as const;
  const text = argv.join(' ');
  const read = ({ exit, stdout, stderr }: ProgramEnd) => {
    const failed = exit !== 0;
    return [{ line: 1, text, exit, message: failed ? `${stdout}${stderr}`.trim() : '', failed }];
  };
  return { kind: 'program', argv, read };
}

function filesOf(name: string): readonly string[] {
  return ['-pf', `/run/dhclient.${name}.pid`, '-lf', `/var/lib/dhcp/dhclient.${name}.leases`];
}
