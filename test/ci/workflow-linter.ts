import { registerLogger, validate } from '@actions/languageservice';
import { TextDocument } from 'vscode-languageserver-textdocument';

/*
 * GitHub's own language service looks at workflows: their schema, expressions, contexts, jobs that others need, and what
 * is given to actions. It is bundled before it is run, because it imports JSON as bundlers do and Node does not.
 */
const unexpected = (message: string): never => {
  throw new Error(message);
};
// What goes wrong within it is only logged.
registerLogger({ error: unexpected, warn: unexpected, info: () => {}, log: () => {} });

/** Of an action in its major version, what it takes; true where it must be given. */
type Inputs = Readonly<Record<string, boolean>>;

/** By name and major version, as in `actions/checkout@v7`: what those in use here take, of all that they could. */
const ACTIONS: Readonly<Record<string, Inputs>> = {
  'actions/checkout@v7': { 'persist-credentials': false },
  'actions/setup-node@v7': { 'node-version': false },
  'actions/upload-artifact@v7': { name: false, path: true },
  'actions/download-artifact@v8': { pattern: false, 'merge-multiple': false },
  'actions/cache@v6': { path: true, key: true },
};

let count = 0;

/** What it has against a workflow, each with its line; empty where nothing. */
export async function lint(text: string): Promise<readonly string[]> {
  count += 1;
  // By the address it remembers what it has read.
  const document = TextDocument.create(`file:///.github/workflows/${count}.yml`, 'yaml', 1, text);
  const found = await validate(document, {
    actionsMetadataProvider: {
      async fetchActionMetadata({ owner, name, ref }) {
        const inputs = ACTIONS[`${owner}/${name}@${ref}`];
        if (inputs === undefined) return undefined;
        const described = Object.entries(inputs).map(([input, required]) => [
          input,
          { description: '', required },
        ]);
        return { name, description: '', inputs: Object.fromEntries(described) };
      },
    },
  });
  return found.map(({ message, range }) => `${range.start.line + 1}: ${message}`);
}
