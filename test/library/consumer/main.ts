/*
 * A program that uses the package as it is published: package.test.ts compiles it, with the strictest settings
 * and every way of resolving modules. Nothing here is run.
 */
import {
  CAUSES,
  type CommandReport,
  type Diagnostic,
  type Expectation,
  type FlowInput,
  type FlowResult,
  format,
  InvalidScenarioError,
  type JsonSchema,
  jsonSchema,
  type Lab,
  LabError,
  load,
  type ObservedFlow,
  openLab,
  type PolicyInput,
  type Reason,
  RecipeError,
  ResultsFolderError,
  type RunEvent,
  type RunOutcome,
  type RunReport,
  run,
  type Scenario,
  type ScenarioResult,
  type StepInput,
  type StepOutcome,
  type TopologyInput,
  type Variant,
  VERDICTS,
  type VerdictName,
} from 'replypath';

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
type IsAny<T> = 0 extends 1 & T ? true : false;

// Nothing has become `any`, as it does where a type of a dependency is not found.
false satisfies IsAny<TopologyInput>;
false satisfies IsAny<TopologyInput['nodes']>;
false satisfies IsAny<FlowInput['expect']>;
false satisfies IsAny<Scenario['steps']>;
false satisfies IsAny<RunReport['scenarios'][number]['steps'][number]['flows'][number]['verdict']>;

const topology = {
  extends: 'dual-isp',
  params: { isp: 'bcp38' },
  nodes: { server: { rp_filter: 1, sysctls: { 'net.ipv4.ip_forward': 1 }, interfaces: { eth2: null } } },
  links: [['server:eth2', 'isp1:lan2']],
} as const satisfies TopologyInput;

const policy: PolicyInput = {
  ip: {
    tables: { uplink: 101 },
    routes: [{ to: 'default', via: 'isp2:lan', dev: 'eth1', table: 'uplink' }],
    rules: [{ from: 'server:eth1', table: 'uplink', preference: 100 }],
  },
};
const step: StepInput = {
  title: 'a step',
  apply: [{ node: 'server', ...policy, timeout: '2s' }],
  event: { down: 'isp2:lan' },
  flows: [
    {
      from: 'client',
      to: 'server:eth1',
      probe: 'ping',
      expect: { verdict: 'symmetric', request: { in: 'eth1' } },
    },
  ],
};

// @ts-expect-error: a key that the format does not have
const misspelt: TopologyInput = { node: {} };
// @ts-expect-error: a verdict that there is not
const noVerdict: FlowInput = { from: 'a', to: 'b:eth0', probe: 'ping', expect: 'symetric' };
// @ts-expect-error: a link has two ends
const oneEnd: TopologyInput = { links: [['a:eth0']] };
function change(flow: FlowResult): void {
  // @ts-expect-error: results are not to be changed
  flow.verdict = 'mixed';
}

export async function drive(lab: Lab, signal: AbortSignal): Promise<void> {
  const observed = await lab.probe({ from: 'client', to: 'server:eth1', probe: 'tcp/22' });
  true satisfies Same<typeof observed, ObservedFlow>;
  // @ts-expect-error: nothing was expected of it
  observed.status;
  const flow = await lab.probe({ from: 'client', to: 'server:eth1', probe: 'tcp/22', expect: 'symmetric' });
  true satisfies Same<typeof flow, FlowResult>;
  const flows = await lab.probe([
    { from: 'client', to: 'server:eth1', probe: 'tcp/22', expect: 'symmetric' },
  ]);
  true satisfies Same<typeof flows, readonly FlowResult[]>;
  const verdict: VerdictName = flow.verdict;
  const expected: Expectation = flow.expected;
  const commands: readonly CommandReport[] = await lab.apply('server', policy);
  const done: StepOutcome = await lab.step(step);
  for (const read of lab.scenario.steps) await lab.step(read);
  const { exit, stdout }: { exit: number; stdout: string } = await lab.exec('server', ['ip', 'rule']);
  // @ts-expect-error: a program has a name
  await lab.exec('server', []);
  const bytes: Uint8Array = await lab.capture('server');
  await using another = await openLab({ topology }, { variant: { family: 4 }, signal, capture: 'tcpdump' });
  void [verdict, expected, commands, done, exit, stdout, bytes, another, misspelt, noVerdict, oneEnd, change];
}

export async function all(): Promise<RunOutcome> {
  const { scenarios, diagnostics } = await load(['scenarios'], {
    tags: ['ssh'],
    shard: { index: 1, count: 2 },
  });
  const variant: Variant | undefined = scenarios[0]?.variant;
  const texts: string[] = diagnostics.map((diagnostic: Diagnostic) => format(diagnostic));
  const running = run(scenarios, { workers: 2, retries: 1, output: null });
  for await (const event of running) {
    true satisfies Same<typeof event, RunEvent>;
    if (event.type === 'scenario-ended') {
      const result: ScenarioResult = event.result;
      const reason: Reason | null = result.reason;
      void reason;
    }
    // @ts-expect-error: not every event has a result
    event.result;
  }
  const schema: JsonSchema = jsonSchema('report');
  void [variant, texts, schema, VERDICTS[0], CAUSES['tcp-reset']];
  return running;
}

export function explain(error: unknown): string {
  if (error instanceof InvalidScenarioError) return error.diagnostics.map(format).join('\n');
  if (error instanceof RecipeError) return error.commands.map(({ text }) => text).join('\n');
  if (error instanceof LabError) return error.reason.code satisfies string;
  return error instanceof ResultsFolderError ? error.message : String(error);
}
