import { existsSync, readFileSync } from 'node:fs';
import { chown, mkdir, writeFile } from 'node:fs/promises';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { type Draft, type DraftStep, draftText } from '../draft/draft.js';
import { type ExpectedFlow, recordedFlows } from '../draft/expectation.js';
import { NEW_NETWORK } from '../draft/network.js';
import type { ScenarioResult } from '../model/result.js';
import type { VerdictName } from '../model/verdict.js';
import { printable } from '../report/text/printable.js';
import { packageFolder } from '../system/package-folder.js';
import { suggestion } from '../validate/nearest.js';
import { EXIT } from './exit-code.js';
import type { InitOptions } from './init.js';
import { type Choice, Questions } from './questions.js';
import { readScenarios } from './read-scenarios.js';
import { print } from './streams.js';
import { type KnownTopology, knownTopologies, withFiles } from './topologies.js';

/** What was asked for cannot be written, and nothing is. */
export class InitFault extends Error {
  override name = 'InitFault';

  constructor(
    message: string,
    readonly exit: number = EXIT.usage,
  ) {
    super(message);
  }
}

const NEW = 'new';
const RECORD = 'as-it-is';

/**
 * Writes a scenario and says the next command.
 *
 * @throws InitFault with what to do, Cancelled where the user ended the questions; nothing is written then
 */
export async function writeScenario(
  given: string | undefined,
  options: InitOptions,
  cwd: string,
): Promise<void> {
  const asks = options.yes !== true && process.stdin.isTTY === true && process.stdout.isTTY === true;
  const questions = asks ? new Questions() : null;
  try {
    const file = await fileOf(given, options, cwd, questions);
    const draft = await drafted(options, schemaFor(file, cwd), cwd, questions);
    await write(file, draft, options.force === true);
    const shown = relative(cwd, file) || file;
    print(`wrote ${printable(shown)}\nnext: replypath run ${shellWord(shown)}\n`);
  } finally {
    questions?.close();
  }
}

async function fileOf(
  given: string | undefined,
  { output, force }: InitOptions,
  cwd: string,
  questions: Questions | null,
): Promise<string> {
  const path = (name: string) => resolve(cwd, output, `${name.replace(/\.ya?ml$/, '')}.yaml`);
  const objection = (name: string): string | null => {
    if (!/^[A-Za-z0-9][\w.-]*(\/[A-Za-z0-9][\w.-]*)*$/.test(name))
      return `the name ${name} is not letters, digits, dots, _ and -, with / for folders`;
    if (!force && existsSync(path(name)))
      return `${relative(cwd, path(name))} is there already; take another name, or --force to replace it`;
    return null;
  };
  const name =
    given ??
    (await questions?.ask('Name of the scenario?', firstFree('mine', objection), objection)) ??
    'mine';
  const fault = objection(name);
  if (fault !== null) throw new InitFault(fault);
  return path(name);
}

function firstFree(name: string, objection: (name: string) => string | null): string {
  const names = [name, ...Array.from({ length: 98 }, (_, index) => `${name}-${index + 2}`)];
  return names.find((each) => objection(each) === null) ?? '';
}

async function drafted(
  options: InitOptions,
  schema: string | null,
  cwd: string,
  questions: Questions | null,
): Promise<string> {
  const network = await chosenNetwork(options, cwd, questions);
  const flow = await chosenFlow(options, network, questions);
  const recipe = recipeOf(options, network, cwd);
  const expect = await chosenExpectation(options, questions);
  const defaultTitle = `What comes of ${flow.probes.join(', ')} from ${flow.from} to ${flow.to}`;
  const title =
    options.title ?? (await questions?.ask('What does the scenario show?', defaultTitle)) ?? defaultTitle;
  const flows = flow.probes.map((probe): ExpectedFlow => {
    const { from, to, family } = flow;
    return { from, to, family, probe, expect: expect === RECORD ? 'symmetric' : expect };
  });
  const asFound: DraftStep = { title: 'as found', recipe: null, flows };
  const applied: DraftStep = { title: `with ${options.policyFile}`, recipe, flows };
  // Before the recipe nothing is known but what a run says.
  const steps = recipe === null ? [asFound] : expect === RECORD ? [asFound, applied] : [applied];
  const draft: Draft = { title, schema, topology: topologyOf(options, network), steps };
  await checkDraft(draft, cwd);
  return draftText(expect === RECORD ? await recorded(draft, cwd) : draft);
}

async function chosenNetwork(
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

function topologyOf(
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

async function chosenFlow(
  options: InitOptions,
  { topology }: KnownTopology,
  questions: Questions | null,
): Promise<ChosenFlow> {
  const { nodes, nodeUnderTest } = topology;
  const endpoints = nodes.flatMap(({ name, interfaces }) =>
    interfaces
      .filter(({ addresses }) => addresses.length > 0)
      .map((each): Choice & { node: string } => ({
        node: name,
        value: `${name}:${each.name}`,
        description: each.addresses.map(({ address }) => address).join(', '),
      })),
  );
  const proposedTo = endpoints.find(({ node }) => node === nodeUnderTest) ?? endpoints[0];
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

async function chosenExpectation(
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

function recipeOf(
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

/** Reads a draft as the command would read the file. */
function validated(text: string, cwd: string): ReturnType<typeof readScenarios> {
  return withFiles([['draft', text]], (folder) => readScenarios([folder], cwd));
}

/** @throws InitFault with what is wrong in an option's value */
async function checkDraft(draft: Draft, cwd: string): Promise<void> {
  const { diagnostics } = await validated(draftText(draft), cwd);
  const [first] = diagnostics;
  if (first !== undefined) throw new InitFault(`${first.message}. ${first.hint}`);
}

/** The draft with what its flows really do. @throws InitFault where that cannot be seen */
async function recorded(draft: Draft, cwd: string): Promise<Draft> {
  const [result] = await withFiles([['draft', draftText(draft)]], (folder) => runOnce(folder, cwd));
  const steps = draft.steps.map((step, index): DraftStep => {
    const flows = result?.steps[index]?.flows ?? [];
    const doubtful = flows.find(({ verdict }) => verdict === 'inconclusive');
    const why = doubtful?.cause?.text ?? result?.reason?.text ?? 'no lab was run';
    if (flows.length === 0 || doubtful !== undefined)
      throw new InitFault(
        `what happens could not be seen: ${why}. Say what you expect by --expect.`,
        EXIT.lab,
      );
    return { ...step, flows: recordedFlows(flows, draft.steps[index]?.flows[0]?.family ?? null) };
  });
  return { ...draft, steps };
}

async function runOnce(folder: string, cwd: string): Promise<readonly ScenarioResult[]> {
  const [{ run }, { EVERYTHING }] = await Promise.all([import('../run/run.js'), import('../run/select.js')]);
  const outcome = await run(
    {
      ...{ paths: [folder], cwd, selection: EVERYTHING, workers: null, capture: 'agent' },
      ...{ repeatEach: 1, retries: 0, bail: null },
      output: join(folder, 'results'),
      signal: new AbortController().signal,
    },
    () => {},
  );
  if (outcome.missingTools.length > 0)
    throw new InitFault(
      `required tools are missing: ${outcome.missingTools.join(', ')}; replypath doctor`,
      EXIT.lab,
    );
  return outcome.report.scenarios;
}

/**
 * Where an editor finds the schema, as the first line of the file says it: a path from the file where the package
 * is inside of the project; else null, for a path of this machine would be wrong on the next.
 */
function schemaFor(file: string, cwd: string): string | null {
  const schema = join(packageFolder(), 'schemas/scenario.schema.json');
  const isInside = `${schema}`.startsWith(cwd.endsWith(sep) ? cwd : cwd + sep);
  return isInside && existsSync(schema) ? relative(dirname(file), schema) : null;
}

/** What is made belongs to the user who called, also under sudo. */
async function write(file: string, text: string, force: boolean): Promise<void> {
  try {
    const first = await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text, { flag: force ? 'w' : 'wx' });
    const { SUDO_UID, SUDO_GID } = process.env;
    if (process.getuid?.() !== 0 || !SUDO_UID || !SUDO_GID) return;
    await chown(file, Number(SUDO_UID), Number(SUDO_GID));
    for (let made = dirname(file); first !== undefined && made.length >= first.length; made = dirname(made))
      await chown(made, Number(SUDO_UID), Number(SUDO_GID));
  } catch (error) {
    throw new InitFault(
      `cannot write the scenario: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}

function shellWord(text: string): string {
  return /^[\w./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
