import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { type Draft, type DraftStep, draftText } from '../draft/draft.js';
import { NEW_NETWORK } from '../draft/network.js';
import type { VerdictName } from '../model/verdict.js';
import { suggestion } from '../validate/nearest.js';
import type { InitOptions } from './init.js';
import { InitFault } from './init-fault.js';
import type { Choice, Questions } from './questions.js';
import { type KnownTopology, knownTopologies } from './topologies.js';
import { validated } from './try-draft.js';

/*
 * What a new scenario is made of: what an option says, else what is answered, else what is proposed.
 */

/** The name of the network that is none of lab/topologies. */
const NEW = 'new';

/** Expect what happens. */
export const RECORD = 'as-it-is';

export async function chosenNetwork(
  { topology, inline }: InitOptions,
  cwd: string,
  questions: Questions | null,
): Promise<KnownTopology> {
  const known = await knownTopologies(cwd);
  const [small] = await newNetwork(cwd);
  const all = small === undefined ? known : [...known, small];
  const choices = all.map(({ name, title }): Choice => ({ value: name, description: title }));
  const proposal = known.some(({ name }) => name === 'dual-isp') ? 'dual-isp' : NEW;
  const name =
    topology ??
    (await questions?.choose(inline ? 'Which network is copied?' : 'Which network?', choices, proposal)) ??
    proposal;
  const found = all.find((each) => each.name === name);
  if (found !== undefined) return found;
  const names = all.map((each) => each.name);
  throw new InitFault(
    `there is no valid topology ${name} in lab/topologies. ${suggestion(name, names, 'Take one that is there.')}`,
  );
}

async function newNetwork(cwd: string): Promise<KnownTopology[]> {
  const draft = draftText({
    ...{ title: NEW, schema: null, steps: [{ title: NEW, recipe: null, flows: [] }] },
    topology: { kind: 'inline', text: NEW_NETWORK },
  });
  const { scenarios } = await validated(draft, cwd);
  const [title = ''] = /(?<=^title: ).*$/m.exec(NEW_NETWORK) ?? [];
  return scenarios.map(({ topology }) => ({
    ...{ name: NEW, text: NEW_NETWORK, parameters: {}, topology },
    title: `a network of your own to change: ${title.charAt(0).toLowerCase()}${title.slice(1)}`,
  }));
}

export function topologyOf(
  { inline }: InitOptions,
  { name, text, title, parameters }: KnownTopology,
): Draft['topology'] {
  return inline || name === NEW ? { kind: 'inline', text } : { kind: 'named', name, title, parameters };
}

interface ChosenFlow {
  readonly from: string;
  readonly to: string;
  readonly family: 4 | 6 | null;
  readonly probes: readonly string[];
}

export async function chosenFlow(
  options: InitOptions,
  { topology }: KnownTopology,
  questions: Questions | null,
): Promise<ChosenFlow> {
  const { nodes, nodeUnderTest } = topology;
  const endpoints = nodes.flatMap(({ name, interfaces }) =>
    interfaces
      .filter(({ addresses }) => addresses.length > 0)
      .map((each): Choice & { node: string; isFixed: boolean } => ({
        node: name,
        isFixed: each.addresses.some(({ dynamic }) => !dynamic),
        value: `${name}:${each.name}`,
        description: each.addresses.map(({ address }) => address).join(', '),
      })),
  );
  // What the lab does not set may never be there.
  const fixed = endpoints.filter((endpoint) => endpoint.isFixed);
  const proposedTo = fixed.find(({ node }) => node === nodeUnderTest) ?? fixed[0] ?? endpoints[0];
  // The node under test first: it is mostly what is asked.
  const ordered = [
    ...endpoints.filter(({ node }) => node === proposedTo?.node),
    ...endpoints.filter(({ node }) => node !== proposedTo?.node),
  ];
  const to =
    options.to ??
    (await questions?.choose('What is asked?', ordered, proposedTo?.value ?? '')) ??
    proposedTo?.value ??
    '';
  const asked = to.split(':')[0];
  const others = nodes
    .filter(({ name }) => name !== asked)
    .map(({ name }): Choice => ({ value: name, description: '' }));
  // Topologies are written from the node under test outwards.
  const farthest = others.find(({ value }) => value === 'client') ?? others.at(-1);
  const from =
    options.from ??
    (await questions?.choose('Who asks?', others, farthest?.value ?? '')) ??
    farthest?.value ??
    '';
  const probes = options.probe ?? [
    (await questions?.ask('With what: ping, tcp/PORT, udp/PORT?', 'ping', probeObjection)) ?? 'ping',
  ];
  const family = options.family === undefined ? null : options.family === '4' ? 4 : 6;
  return { from, to, family, probes };
}

function probeObjection(probe: string): string | null {
  return /^(ping|(tcp|udp)\/[1-9][0-9]{0,4})$/.test(probe)
    ? null
    : `${probe} is neither ping, tcp/PORT nor udp/PORT`;
}

const EXPECTATIONS: readonly Choice[] = [
  { value: RECORD, description: 'what happens now: the lab is built once, and what is seen is written down' },
  { value: 'symmetric', description: 'the reply leaves by the way by which the request came' },
  { value: 'asymmetric', description: 'the reply leaves by another way, and arrives' },
  { value: 'reply-lost', description: 'the reply leaves and never arrives' },
  { value: 'no-reply', description: 'the request arrives and is not answered' },
  { value: 'request-lost', description: 'the request never arrives' },
  { value: 'refused', description: 'a reset or an ICMP error comes back' },
];

export async function chosenExpectation(
  { expect, expectFromRun }: InitOptions,
  questions: Questions | null,
): Promise<VerdictName | typeof RECORD> {
  if (expectFromRun) return RECORD;
  if (expect !== undefined) return expect;
  if (questions === null) return 'symmetric';
  return (await questions.choose('What should come of it?', EXPECTATIONS, RECORD)) as
    | VerdictName
    | typeof RECORD;
}

export function recipeOf(
  { policyFile, node }: InitOptions,
  { topology }: KnownTopology,
  cwd: string,
): DraftStep['recipe'] {
  if (policyFile === undefined) {
    if (node !== undefined)
      throw new InitFault('--node says where --policy-file is applied, and there is none');
    return null;
  }
  const place = node ?? topology.nodeUnderTest;
  if (place === null)
    throw new InitFault('the topology has no node under test: say by --node where the script is applied');
  try {
    return { node: place, script: readFileSync(resolve(cwd, policyFile), 'utf8') };
  } catch (error) {
    throw new InitFault(
      `cannot read ${policyFile}: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}
