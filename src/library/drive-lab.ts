import type { LabNode, Lab as RunningLab } from '../build/lab.js';
import { loadInline } from '../load/load.js';
import type { FlowResult } from '../model/flow-result.js';
import { makesInterfaces } from '../model/policy.js';
import type { CommandReport, StepOutcome } from '../model/result.js';
import { appliesOf, eventsOf, type Scenario, type Step } from '../model/scenario.js';
import { flowPlanner } from '../plan/flows.js';
import { settleCaptures } from '../probe/settle.js';
import { Explainer } from '../run/explain.js';
import { runStep } from '../run/step.js';
import { findLeftovers } from '../system/leftovers.js';
import type { Sandbox } from '../system/sandbox.js';
import { validateStep } from '../validate/step.js';
import { InvalidScenarioError, LabError, publicError, RecipeError } from './errors.js';
import { loadOptions } from './folders.js';
import type { FlowInput, ProbeInput } from './input/flow.js';
import type { ApplyInput, EventInput, StepInput } from './input/step.js';
import type { ExecOptions, ExecResult, Lab, ObservedFlow, OpenLabOptions } from './lab.js';
import { faultOf } from './lab-source.js';

const EXEC_TIMEOUT_MS = 30_000;

/** {@link Lab} on a lab as `run` builds it. */
export class OpenLab implements Lab {
  readonly scenario: Scenario;
  readonly #lab: RunningLab;
  readonly #sandbox: Sandbox;
  readonly #options: OpenLabOptions;
  readonly #planFlows: ReturnType<typeof flowPlanner>;
  readonly #explainer = new Explainer('failed', null);
  /** Nodes where scripts ran, which may have made interfaces that the topology does not have. */
  readonly #scripted = new Set<string>();
  #last: Promise<unknown> = Promise.resolve();
  #closing: Promise<void> | undefined;

  constructor(scenario: Scenario, lab: RunningLab, sandbox: Sandbox, options: OpenLabOptions) {
    this.scenario = scenario;
    this.#lab = lab;
    this.#sandbox = sandbox;
    this.#options = options;
    this.#planFlows = flowPlanner(scenario.name);
    options.signal?.addEventListener('abort', this.#onAbort);
  }

  get nodes(): readonly string[] {
    return [...this.#lab.nodes.keys()];
  }

  async apply(node: string, policy: ApplyInput): Promise<readonly CommandReport[]> {
    const { commands } = await this.step({ apply: { node, ...policy } });
    return commands;
  }

  async event(event: EventInput): Promise<readonly CommandReport[]> {
    const { commands } = await this.step({ event });
    return commands;
  }

  probe(flow: FlowInput): Promise<FlowResult>;
  probe(probe: ProbeInput): Promise<ObservedFlow>;
  probe(flows: readonly FlowInput[]): Promise<readonly FlowResult[]>;
  probe(probes: readonly ProbeInput[]): Promise<readonly ObservedFlow[]>;
  async probe(
    given: ProbeInput | readonly ProbeInput[],
  ): Promise<ObservedFlow | readonly ObservedFlow[] | FlowResult | readonly FlowResult[]> {
    const probes: readonly ProbeInput[] = [given].flat();
    const flows = probes.map((probe): FlowInput => ({ expect: 'symmetric', ...probe }));
    const single = !Array.isArray(given);
    const results = await this.#inTurn(async () => {
      const step = await this.#read({ flows });
      if (single && step.flows.length !== 1) throw new InvalidScenarioError([notOneFlow(step)]);
      const { outcome } = await runStep(this.#lab, step, this.#planFlows(step.flows), this.#explainer);
      return outcome.flows;
    });
    const all = probes.every((probe) => 'expect' in probe) ? results : results.map(observed);
    const [first] = all;
    return single && first !== undefined ? first : all;
  }

  async step(given: StepInput | Step): Promise<StepOutcome> {
    return this.#inTurn(async () => {
      const step = isRead(given) ? given : await this.#read(given);
      for (const { node, items } of appliesOf(step))
        if (items.some(makesInterfaces)) this.#scripted.add(node);
      for (const event of eventsOf(step)) if (event.kind === 'shell') this.#scripted.add(event.node);
      const { outcome, reason, goOn } = await runStep(
        this.#lab,
        step,
        this.#planFlows(step.flows),
        this.#explainer,
      );
      if (!goOn && reason !== null) throw new RecipeError(reason, outcome.commands);
      return outcome;
    });
  }

  async exec(
    node: string,
    argv: readonly [string, ...string[]],
    { stdin = '', timeoutMs = EXEC_TIMEOUT_MS }: ExecOptions = {},
  ): Promise<ExecResult> {
    return this.#translated(async () => {
      const { exit, signal, timedOut, stdout, stderr } = await this.#node(node).agent.run(argv, {
        stdin,
        timeoutMs,
      });
      return { exit: signal === 0 ? exit : 128 + signal, timedOut, stdout, stderr };
    });
  }

  async capture(node: string): Promise<Uint8Array> {
    return this.#inTurn(async () => {
      const { capture } = this.#node(node);
      const starts = [...this.#lab.nodes.values()].map(
        (each) => [each.name, each.capture.frames.length] as const,
      );
      await settleCaptures(this.#lab, new Map(starts));
      return new Uint8Array(Buffer.concat(capture.chunks));
    });
  }

  close(): Promise<void> {
    this.#closing ??= this.#end();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #end(): Promise<void> {
    this.#options.signal?.removeEventListener('abort', this.#onAbort);
    await this.#sandbox.close();
    await this.#lab.close();
    const left = await findLeftovers();
    if (left.length === 0) return;
    throw new LabError({ code: 'lab-ended', text: `something of the lab is left: ${left.join(', ')}` });
  }

  readonly #onAbort = (): void => {
    this.close().catch(() => {});
  };

  /** Flows of two steps at once would take each other's responders away. */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(() => this.#translated(work));
    this.#last = turn.catch(() => {});
    return turn;
  }

  async #translated<T>(work: () => Promise<T>): Promise<T> {
    this.#options.signal?.throwIfAborted();
    if (this.#closing !== undefined) throw new LabError({ code: 'lab-ended', text: 'the lab is closed' });
    try {
      return await work();
    } catch (error) {
      this.#options.signal?.throwIfAborted();
      throw publicError(error);
    }
  }

  async #read(step: StepInput): Promise<Step> {
    const loaded = await loadInline('step', step, loadOptions(this.#options.cwd));
    const validated = validateStep(loaded, this.scenario, this.#scripted);
    if (validated.step === null) throw new InvalidScenarioError(validated.diagnostics);
    return validated.step;
  }

  #node(name: string): LabNode {
    const node = this.#lab.nodes.get(name);
    if (node !== undefined) return node;
    const hint = `Write a node of the topology: ${this.nodes.join(', ')}.`;
    throw new InvalidScenarioError([faultOf('unknown-node', `there is no node ${name}`, hint)]);
  }
}

function isRead(step: StepInput | Step): step is Step {
  return 'applies' in step;
}

function observed({ status: _, expected, intended, differences, ...rest }: FlowResult): ObservedFlow {
  return rest;
}

function notOneFlow({ flows }: Step): ReturnType<typeof faultOf> {
  const addresses = flows.map(({ address }) => address).join(' and ');
  const message = flows.length === 0 ? 'this is no flow' : `this is ${flows.length} flows, to ${addresses}`;
  return faultOf(
    'not-one-flow',
    message,
    'Say which by `family`, or ask for all of them by a list: probe([ … ]).',
  );
}
