import type { CauseFinder } from './facts.js';

/** Longer than any link of a lab delays. */
const LONG_MS = 20_000;

/** The reply reached the sender after the probe had given up waiting for it. */
export const late: CauseFinder = ({ result, flow }) => {
  if (result.lost?.reason !== 'too-late') return null;
  return {
    code: 'late',
    text: `the reply came after the ${flow.probe.timeoutMs} ms that the probe waits`,
    evidence: [],
    repair: {
      text: 'wait longer for it',
      deeds: [],
      probe: { timeoutMs: LONG_MS },
      isAdvice: false,
    },
  };
};
