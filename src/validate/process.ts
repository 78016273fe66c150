import { milliseconds } from '../format/common.js';
import {
  type AwaitInput,
  DEFAULT_READY_MS,
  type FilesInput,
  type ProcessInput,
  type ReadyInput,
} from '../format/process.js';
import { markAt, type Tree } from '../load/tree.js';
import type { FileToWrite, PolicyItem, ProcessItem, ReadyCondition } from '../model/policy.js';
import { parseAddress } from '../net/address.js';
import type { Faults } from './faults.js';
import { type Network, parseEndpoint } from './network.js';
import { pattern } from './pattern.js';

interface Context {
  readonly network: Network;
  readonly faults: Faults;
}

type Path = readonly PropertyKey[];

export function filesItem(input: FilesInput): PolicyItem {
  return { kind: 'files', files: filesToWrite(input) };
}

export function filesToWrite(input: FilesInput): readonly FileToWrite[] {
  return Object.entries(input).map(([path, content]) => {
    const { text, mode = '0644' } = typeof content === 'string' ? { text: content } : content;
    return { path, text, mode: String(mode).padStart(4, '0') };
  });
}

export function processItem(tree: Tree, path: Path, input: ProcessInput, context: Context): ProcessItem {
  const { name, command, ready, timeout, stop, mayEnd } = input;
  return {
    kind: 'process',
    name,
    command,
    ready: ready === undefined ? [] : conditions(tree, [...path, 'ready'], ready, context),
    timeoutMs: timeout === undefined ? DEFAULT_READY_MS : milliseconds(timeout),
    stopSignal: stop ?? 'TERM',
    mayEnd: mayEnd ?? false,
  };
}

export function awaitItem(tree: Tree, path: Path, input: AwaitInput, context: Context): PolicyItem {
  const { timeout, ...ready } = input;
  return {
    kind: 'await',
    conditions: conditions(tree, path, ready, context),
    timeoutMs: timeout === undefined ? DEFAULT_READY_MS : milliseconds(timeout),
  };
}

function conditions(
  tree: Tree,
  path: Path,
  { output, file, socket, reaches, shell }: ReadyInput,
  { network, faults }: Context,
): readonly ReadyCondition[] {
  const all: (ReadyCondition | null)[] = [
    output === undefined
      ? null
      : { kind: 'output', pattern: pattern(output, markAt(tree, [...path, 'output']), faults) },
    file === undefined ? null : { kind: 'file', path: file },
    socket === undefined ? null : socketCondition(socket),
    reaches === undefined ? null : reachesCondition(tree, [...path, 'reaches'], reaches, { network, faults }),
    shell === undefined ? null : { kind: 'shell', command: shell },
  ];
  return all.filter((condition) => condition !== null);
}

function socketCondition(socket: string): ReadyCondition {
  if (socket.startsWith('/')) return { kind: 'unix', path: socket };
  const [protocol, port] = socket.split('/');
  return { kind: 'port', protocol: protocol === 'udp' ? 'udp' : 'tcp', port: Number(port) };
}

/** A literal address, or the first one of an interface. */
function reachesCondition(
  tree: Tree,
  path: Path,
  text: string,
  { network, faults }: Context,
): ReadyCondition | null {
  const literal = parseAddress(text);
  if (literal !== null) return { kind: 'reaches', address: literal.text };
  const at = markAt(tree, path);
  if (parseEndpoint(text) === null) {
    const hint = 'Write an address such as 192.0.2.10, or an interface that has one, as in server:eth1.';
    faults.add(at, 'bad-address', `${text} is neither an address nor node:interface`, hint);
    return null;
  }
  const endpoint = network.endpoint(text, at, faults);
  if (endpoint === null) return null;
  const [first] = network.addresses(endpoint);
  if (first !== undefined) return { kind: 'reaches', address: first.address };
  const hint = 'Give it one in the topology, or write the address itself.';
  faults.add(at, 'no-address-of-family', `${text} has no address`, hint);
  return null;
}
