import type { ConfigureItem } from '../model/policy.js';
import { type Asked, askedBy } from './asked.js';
import { readVerbose } from './ifupdown-output.js';
import { type Option, readStanzas, type Stanza } from './interfaces-file.js';
import type { Action, Tool } from './tool.js';

const INTERFACES = '/etc/network/interfaces';

/** Whose scripts run for every interface: a node has none but its own. */
const HOOKS = ['if-pre-up.d', 'if-up.d', 'if-down.d', 'if-post-down.d'].map((name) => `/etc/network/${name}`);

/** ifup(8) and ifdown(8) of Debian, the real ones, over /usr of the node where the machine has none. */
export const ifupdown: Tool = {
  needs: ['ifupdown'],
  start: (item) => [
    { kind: 'layer', package: 'ifupdown', program: 'ifup' },
    { kind: 'program', argv: ['mkdir', '-p', '/run/network', ...HOOKS], read: () => [] },
    run('ifup', item),
  ],
  restart: (item) => [run('ifdown', item), run('ifup', item)],
  stop: (item) => [run('ifdown', item)],
  asked: ({ files }) =>
    files
      .filter(({ path }) => isInterfaces(path))
      .flatMap(({ path, text }) => readStanzas(text).flatMap((stanza) => askedByStanza(path, stanza))),
  faultOf: ({ files }) =>
    files.some(({ path }) => path === INTERFACES)
      ? null
      : {
          message: `ifupdown is given no ${INTERFACES}`,
          hint: `Add ${INTERFACES} to files; see interfaces(5).`,
        },
};

function isInterfaces(path: string): boolean {
  return path === INTERFACES || path.startsWith(`${INTERFACES}.d/`);
}

/** Those named, or all that the file marks as `auto`. */
function run(program: 'ifup' | 'ifdown', { interfaces, files }: ConfigureItem): Action {
  const which = interfaces.length === 0 ? ['-a'] : interfaces;
  return {
    kind: 'program',
    argv: [program, '-v', ...which],
    read: (end) => readVerbose(program, which, end, files),
  };
}

function askedByStanza(file: string, stanza: Stanza): Asked[] {
  const { options, method } = stanza;
  const of = (name: string) => options.find((option) => option.name === name);
  return options.flatMap((option) => {
    const place = { file, line: option.line };
    const text = `${option.name} ${option.value}`;
    if (UP_OPTIONS.has(option.name)) return askedBy(place, text, option.value);
    if (method !== 'static') return [];
    if (option.name === 'address') return askedBy(place, text, addressCommand(stanza, option, of('netmask')));
    return option.name === 'gateway'
      ? askedBy(place, text, gatewayCommand(stanza, option, of('metric')))
      : [];
  });
}

/** Options whose value is a command that is run when the interface comes up. */
const UP_OPTIONS = new Set(['pre-up', 'up', 'post-up']);

function addressCommand(stanza: Stanza, { value }: Option, netmask: Option | undefined): string {
  const length = value.includes('/') || netmask === undefined ? '' : `/${netmask.value}`;
  return `ip ${familyOption(stanza)} address add ${value}${length} dev ${stanza.interface}`;
}

function gatewayCommand(stanza: Stanza, { value }: Option, metric: Option | undefined): string {
  const preference = metric === undefined ? '' : ` metric ${metric.value}`;
  return `ip ${familyOption(stanza)} route add default via ${value} dev ${stanza.interface}${preference}`;
}

function familyOption({ family }: Stanza): string {
  return family === 'inet6' ? '-6' : '-4';
}
