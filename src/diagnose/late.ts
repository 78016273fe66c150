import type { CauseFinder } from './facts.js';

/** The reply reached the sender after the probe had given up waiting for it. */
export const late: CauseFinder = ({ result, flow }) => {
  if (result.lost?.reason !== 'too-late') return null;
  return {
    code: 'late',
    text: `the reply came after the ${flow.probe.timeoutMs} ms that the probe waits`,
    evidence: [],
    repair: null,
  };
};
