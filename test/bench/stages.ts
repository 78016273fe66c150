import type { Sandbox, SandboxLab, SandboxNode } from '../../src/system/sandbox.js';

/** From the beginning of the first to the end of the last of the things that make up a stage. */
export class Stages {
  readonly #spans = new Map<string, { from: number; to: number }>();

  async during<T>(stage: string, work: () => Promise<T>): Promise<T> {
    const begin = performance.now();
    try {
      return await work();
    } finally {
      const { from, to } = this.#spans.get(stage) ?? { from: begin, to: begin };
      this.#spans.set(stage, { from: Math.min(from, begin), to: Math.max(to, performance.now()) });
    }
  }

  /** Milliseconds by stage. Stages may overlap. */
  get ms(): Record<string, number> {
    return Object.fromEntries([...this.#spans].map(([stage, { from, to }]) => [stage, to - from]));
  }
}

/** The header of a capture: pcap-savefile(5), nanoseconds, LINKTYPE_LINUX_SLL2. */
const EMPTY_CAPTURE = Buffer.from('4d3cb2a10200040000000000000000000001000014010000', 'hex');

/** A sandbox that notes when it did what, and that, without captures, says at once that they are live. */
export function observed(sandbox: Sandbox, stages: Stages, captures: boolean): Sandbox {
  return {
    close: sandbox.close,
    openLab: async (requests) => {
      const lab = await stages.during('nodes', () => sandbox.openLab(requests));
      observeLab(lab, stages);
      if (!captures) for (const node of lab.nodes.values()) leaveOutCapture(node);
      return lab;
    },
  };
}

/** The stages of `buildLab`, told apart by what it asks for. */
function observeLab({ first, nodes }: SandboxLab, stages: Stages): void {
  const makeLinks = first.run.bind(first);
  first.run = (...given) => stages.during('links', () => makeLinks(...given));
  for (const { agent } of nodes.values()) {
    const [configure, settle] = [agent.run.bind(agent), agent.settle.bind(agent)];
    agent.run = (...given) => stages.during('addresses', () => configure(...given));
    const [here, beside] = [agent.captureHere.bind(agent), agent.startCapture.bind(agent)];
    agent.captureHere = (...given) => stages.during('captures', () => here(...given));
    agent.startCapture = (...given) => stages.during('captures', () => beside(...given));
    const write = agent.write.bind(agent);
    agent.write = (...given) => {
      // Those of interfaces are written later, beside the addresses.
      agent.write = write;
      return stages.during('sysctls', () => write(...given));
    };
    agent.settle = (...given) => stages.during('settle', () => settle(...given));
  }
}

function leaveOutCapture(node: SandboxNode): void {
  node.agent.startCapture = async () => {
    node.capture.emit('data', EMPTY_CAPTURE);
    return null;
  };
}
