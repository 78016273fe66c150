import t from 'tap';
import { CAUSES, type CauseCode } from '../../src/model/verdict.js';
import { inAllManners } from './manners.js';

// Every scenario of the causes three times, on a machine that may have other things to do.
t.setTimeout(300_000);

/** Where a VRF can be made only in a guest, its scenario is run there: docs/kernels.md. */
const WITHOUT_VRF = ['--grep', '^(?!.*vrf-order)'];

/** What only packets tell, which no scenario of the causes is needed for, and what its own scenario needs a guest for. */
const ELSEWHERE: readonly CauseCode[] = [
  ...([
    'capture-late',
    'capture-ended',
    'capture-dropped',
    'sentinel-missing',
    'unmapped-interface',
  ] as const),
  ...(['local-refusal', 'icmp-error', 'tcp-reset', 'answered-elsewhere', 'vrf-order'] as const),
];

t.test('each cause is found where it is, and another one where it nearly is', async (t) => {
  const scenarios = await inAllManners(t, {
    paths: ['scenarios/why'],
    options: ['--workers', '2', ...WITHOUT_VRF],
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
