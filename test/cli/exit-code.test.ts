import t from 'tap';
import { type Ending, exitCode } from '../../src/cli/exit-code.js';
import { forbiddenSkips } from '../../src/cli/forbidden-skips.js';
import type { ReasonCode, ScenarioResult, ScenarioStatus } from '../../src/model/result.js';
import { passed, result, skipped } from '../report/events.js';

function ended(status: ScenarioStatus, code: ReasonCode): ScenarioResult {
  return result({ name: code, status, reason: { code, text: '' } });
}

function ending(scenarios: readonly ScenarioResult[], rest: Partial<Ending> = {}): Ending {
  return {
    report: { scenarios },
    nothingSelected: false,
    leftBehind: [],
    missingTools: [],
    signal: null,
    failOnSkip: false,
    ...rest,
  };
}

const failed = ended('failed', 'flow-not-as-expected');
const invalid = ended('errored', 'scenario-invalid');
const recipe = ended('errored', 'recipe-failed');
const bug = ended('errored', 'internal-error');

/** From the contract; each row also holds what the rows below it are about, so that the order is checked too. */
const TABLE: readonly (readonly [what: string, code: number, ending: Ending])[] = [
  [
    'our own bug',
    70,
    ending([bug, recipe, invalid, failed], {
      leftBehind: ['a process'],
      signal: 'SIGINT',
      missingTools: ['ip'],
    }),
  ],
  ['left behind', 6, ending([recipe, invalid, failed], { leftBehind: ['a process'], signal: 'SIGTERM' })],
  ['SIGINT', 130, ending([recipe, invalid, failed, passed], { signal: 'SIGINT' })],
  ['SIGTERM', 143, ending([recipe, invalid, failed, passed], { signal: 'SIGTERM' })],
  ['a report that cannot be written', 2, ending([recipe, invalid, failed], { reportUnwritten: true })],
  ['a required tool is missing', 4, ending([invalid], { missingTools: ['tcpdump'] })],
  ['a recipe failed', 4, ending([passed, recipe, invalid, failed])],
  ['a lab was not built', 4, ending([ended('errored', 'lab-not-built'), failed])],
  ['a recipe took too long', 4, ending([ended('errored', 'recipe-timeout')])],
  ['an invalid scenario', 3, ending([invalid, failed, passed])],
  ['a flow is not as expected', 1, ending([passed, failed, skipped])],
  ['an inconclusive flow', 1, ending([passed, ended('failed', 'flow-inconclusive')])],
  ['an expected failure did not happen', 1, ending([passed, ended('failed', 'failure-missing')])],
  ['skipped, where that is a failure', 1, ending([passed, skipped], { failOnSkip: true })],
  [
    'skipped, where another skip is allowed',
    1,
    ending([passed, skipped], { failOnSkip: true, allowedSkips: [/nf_tables/] }),
  ],
  ['nothing selected', 5, ending([], { nothingSelected: true })],
  ['skipped', 0, ending([passed, skipped])],
  ['skipped, as allowed', 0, ending([skipped], { failOnSkip: true, allowedSkips: [/nf_tables/, /tun dev/] })],
  ['passed', 0, ending([passed], { failOnSkip: true })],
  ['an empty shard', 0, ending([])],
];

t.test('exit codes as contracted', async (t) => {
  for (const [what, code, of] of TABLE) t.equal(exitCode(of), code, what);
});

t.test('which skips are not allowed', async (t) => {
  const scenarios = [passed, failed, skipped];
  t.strictSame(forbiddenSkips(scenarios, { failOnSkip: true }), [skipped]);
  t.strictSame(forbiddenSkips(scenarios, { failOnSkip: false }), []);
});
