import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { type Draft, type DraftStep, draftText } from '../draft/draft.js';
import type { ExpectedFlow } from '../draft/expectation.js';
import { printable } from '../report/text/printable.js';
import { shellWord } from '../report/text/shell-word.js';
import { giveToCaller, makeFolder } from '../run/owner.js';
import { packageFolder } from '../system/package-folder.js';
import {
  chosenExpectation,
  chosenFlow,
  chosenNetwork,
  RECORD,
  recipeOf,
  topologyOf,
} from './draft-choices.js';
import type { InitOptions } from './init.js';
import { InitFault } from './init-fault.js';
import { Questions } from './questions.js';
import { print } from './streams.js';
import { checkDraft, recorded } from './try-draft.js';

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
    await makeFolder(dirname(file));
    await writeFile(file, text, { flag: force ? 'w' : 'wx' });
    await giveToCaller(file);
  } catch (error) {
    throw new InitFault(
      `cannot write the scenario: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}
