import t from 'tap';
import { CAUSES, type CauseCode } from '../../src/model/verdict.js';
import { inAllManners } from './manners.js';

// Every scenario of the causes three times, on a machine that may have other things to do.
t.setTimeout(600_000);

/** Those that need what many kernels lack are run in a guest, and not here: docs/kernels.md. */
const WITHOUT_MODULES = ['--grep', '^(?!.*(vrf-order|late))'];

/** What packets alone tell, and the causes of scenarios that need a guest. */
const ELSEWHERE: readonly CauseCode[] = [
  ...([
    'capture-late',
    'capture-ended',
    'capture-dropped',
    'sentinel-missing',
    'unmapped-interface',
  ] as const),
  ...([
    'local-refusal',
    'icmp-error',
    'tcp-reset',
    'answered-elsewhere',
    'vrf-order',
    'vlan-unknown',
    'late',
  ] as const),
];

t.test('each cause is found where it is, and another one where it nearly is', async (t) => {
  const scenarios = await inAllManners(t, {
    paths: ['scenarios/why'],
    selection: WITHOUT_MODULES,
    options: ['--workers', '2'],
  });
  const found = new Set(
    scenarios.flatMap(({ steps }) =>
      steps.flatMap(({ flows }) => flows.flatMap(({ cause }) => cause?.code ?? [])),
    ),
  );
  const codes = Object.keys(CAUSES) as CauseCode[];
  t.strictSame(
    codes.filter((code) => !found.has(code) && !ELSEWHERE.includes(code)),
    [],
    'causes that no scenario has',
  );
});
