import type { FlowInput, ProbeSettings } from '../format/flow.js';
import { placeOf } from '../load/source.js';
import { markAt, type Tree } from '../load/tree.js';
import type { Family } from '../model/family.js';
import type { Flow, Probe } from '../model/scenario.js';
import type { Tuples } from '../model/spread.js';
import { parseAddress } from '../net/address.js';
import { addressOf, expectationOf } from './expectation.js';
import type { Faults } from './faults.js';
import { type Network, parseEndpoint } from './network.js';
import { patient, probeOf, type UnboundProbe } from './probe.js';
import { checkExpectedStream } from './stream.js';

/** What flows are read with. */
export interface FlowContext {
  readonly network: Network;
  readonly nodeUnderTest: string | null;
  /** The family to which the variant or the scenario restricts flows; null for both. */
  readonly family: Family | null;
  readonly defaults: ProbeSettings;
  readonly scripted: ReadonlySet<string>;
  readonly faults: Faults;
}

interface Target {
  readonly family: Family;
  readonly address: string;
  readonly node: string | null;
}

type Path = readonly PropertyKey[];

/** The flows that one entry stands for: one for each address asked. */
export function flowsOf(tree: Tree, path: Path, input: FlowInput, context: FlowContext): Flow[] {
  const { network, faults } = context;
  const place = placeOf(markAt(tree, path));
  const fromKnown = network.checkNode(input.from, markAt(tree, [...path, 'from']), faults);
  for (const key of ['at', 'answeredBy'] as const) {
    const node = input[key];
    if (node !== undefined) network.checkNode(node, markAt(tree, [...path, key]), faults);
  }
  if (fromKnown) checkDevice(tree, path, input, context);
  const probe = probeOf(tree, path, input, context.defaults, faults);
  return targetsOf(tree, path, input, context).flatMap((target) => {
    const answeredBy = input.answeredBy ?? target.node;
    const expected = expectationOf(tree, [...path, 'expect'], input.expect, {
      ...context,
      family: target.family,
      judged: judgedNodes(input, answeredBy, context.nodeUnderTest),
      hasTuples: input.tuples !== undefined,
    });
    const bound = probe === null ? null : bind(tree, path, input, probe, target.family, context);
    if (expected === null || bound === null) return [];
    checkExpectedStream(tree, [...path, 'expect'], bound, expected.stream, faults);
    return [
      {
        from: input.from,
        to: input.to,
        family: target.family,
        address: target.address,
        answeredBy,
        at: input.at ?? null,
        probe: patient(bound, input, expected),
        ...tuplesOf(input),
        expected,
        place,
      },
    ];
  });
}

const DEFAULT_SEED = 1;

function tuplesOf({ tuples }: FlowInput): { readonly tuples?: Tuples } {
  if (tuples === undefined) return {};
  const { count, seed = DEFAULT_SEED } = typeof tuples === 'number' ? { count: tuples } : tuples;
  return { tuples: { count, seed } };
}

function targetsOf(
  tree: Tree,
  path: Path,
  input: FlowInput,
  { network, family, faults }: FlowContext,
): Target[] {
  const at = markAt(tree, [...path, 'to']);
  const wanted = input.family ?? family;
  if (family !== null && input.family !== undefined && family !== input.family) {
    const hint = `Give the flow \`when: { family: ${input.family} }\` instead of family.`;
    faults.add(
      markAt(tree, [...path, 'family']),
      'mixed-families',
      `the flow is of IPv${input.family} in a variant of IPv${family}`,
      hint,
    );
    return [];
  }
  const literal = parseAddress(input.to);
  if (literal !== null) {
    if (wanted !== null && wanted !== literal.family) {
      const hint = `Give the flow \`when: { family: ${literal.family} }\`, or ask node:interface.`;
      faults.add(at, 'mixed-families', `${input.to} is asked in a variant of IPv${wanted}`, hint);
      return [];
    }
    return [{ family: literal.family, address: literal.text, node: network.owner(literal.text) }];
  }
  if (parseEndpoint(input.to) === null) {
    const hint = 'Write it as in server:eth1, or 198.51.100.10.';
    faults.add(at, 'bad-endpoint', `${input.to} is neither node:interface nor an address`, hint);
    return [];
  }
  const endpoint = network.endpoint(input.to, at, faults);
  if (endpoint === null) return [];
  const addresses = network.addresses(endpoint).filter((one) => wanted === null || one.family === wanted);
  if (addresses.length === 0) {
    const which = wanted === null ? 'address' : `IPv${wanted} address`;
    faults.add(
      at,
      'no-address-of-family',
      `${input.to} has no ${which}`,
      'Give the interface one, or restrict the flow with `when` or `family`.',
    );
  }
  return addresses.map(({ family: one, address }) => ({ family: one, address, node: endpoint.node }));
}

/** Nodes that may be judged, the likeliest first (CONTRACTS: flow, role, interfaces). */
function judgedNodes(input: FlowInput, answeredBy: string | null, underTest: string | null): string[] {
  if (input.at !== undefined) return [input.at];
  if (underTest !== null && (underTest === input.from || underTest === answeredBy)) return [underTest];
  return [underTest, answeredBy].filter((node) => node !== null);
}

function checkDevice(
  tree: Tree,
  path: Path,
  input: FlowInput,
  { network, scripted, faults }: FlowContext,
): void {
  const device = input.bind?.device;
  if (device === undefined || network.mayHaveInterface(input.from, device, scripted)) return;
  network.checkInterface(input.from, device, markAt(tree, [...path, 'bind', 'device']), faults);
}

function bind(
  tree: Tree,
  path: Path,
  input: FlowInput,
  probe: UnboundProbe,
  family: Family,
  context: FlowContext,
): Probe | null {
  const text = input.bind?.address;
  const bindAddress =
    text === undefined ? null : addressOf(tree, [...path, 'bind', 'address'], text, { ...context, family });
  if (text !== undefined && bindAddress === null) return null;
  return { ...probe, bindAddress, bindDevice: input.bind?.device ?? null };
}
