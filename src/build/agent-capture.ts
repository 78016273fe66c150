import { Capture, SNAPSHOT_LENGTH } from './capture.js';

/** By the node's agent, which reads a packet socket beside its other work. */
export class AgentCapture extends Capture {
  protected launch(): Promise<string | null> {
    return this.agent.captureHere(SNAPSHOT_LENGTH);
  }

  dropped(): Promise<number | null> {
    return this.agent.droppedHere();
  }
}
