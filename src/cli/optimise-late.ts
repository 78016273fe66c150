import { setFlagsFromString } from 'node:v8';

/**
 * Bytes of bytecode that a function has run before V8 optimises it: eight times as many as it would wait for.
 * A run is over before most of what is optimised early pays for it, and the compiler's threads take the cores that
 * the labs need: a seventh of the processor time of twenty labs. Known of V8 11, Node.js 20; a V8 without this
 * flag would complain.
 *
 * @see https://github.com/v8/v8/blob/main/src/flags/flag-definitions.h, interrupt_budget
 */
const INTERRUPT_BUDGET = 1_000_000;

if (process.versions.v8.startsWith('11.')) setFlagsFromString(`--interrupt-budget=${INTERRUPT_BUDGET}`);
