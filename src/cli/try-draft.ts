import { join } from 'node:path';
import { type Draft, type DraftStep, draftText } from '../draft/draft.js';
import { recordedFlows } from '../draft/expectation.js';
import type { ScenarioResult } from '../model/result.js';
import { EXIT } from './exit-code.js';
import { InitFault } from './init-fault.js';
import { readScenarios } from './read-scenarios.js';
import { withFiles } from './topologies.js';

/** Reads a draft as the command would read the file. */
export function validated(text: string, cwd: string): ReturnType<typeof readScenarios> {
  return withFiles([['draft', text]], (folder) => readScenarios([folder], cwd));
}

/** @throws InitFault with what is wrong in an option's value */
export async function checkDraft(draft: Draft, cwd: string): Promise<void> {
  const { diagnostics } = await validated(draftText(draft), cwd);
  const [first] = diagnostics;
  if (first !== undefined) throw new InitFault(`${first.message}. ${first.hint}`);
}

/** The draft with what its flows really do. @throws InitFault where that cannot be seen */
export async function recorded(draft: Draft, cwd: string): Promise<Draft> {
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
  const [{ run }, { EVERYTHING }, { THIS_KERNEL }] = await Promise.all([
    import('../run/run.js'),
    import('../run/select.js'),
    import('../run/kernels.js'),
  ]);
  const outcome = await run(
    {
      ...{
        paths: [folder],
        cwd,
        selection: EVERYTHING,
        workers: null,
        capture: 'agent',
        // What is recorded of a cause is what a run will find.
        explained: 'all',
        states: 'none',
      },
      ...{ kernels: [THIS_KERNEL], repeatEach: 1, retries: 0, bail: null, seed: null },
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
