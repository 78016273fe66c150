import type { FlowResult } from '../model/flow-result.js';
import type { FlowPlan, LabPlan } from '../model/plan.js';
import { changesLinks, type PolicyItem } from '../model/policy.js';
import { appliesOf, deedsOf, type Step } from '../model/scenario.js';
import {
  type Course,
  configuredComments,
  deedComments,
  flowComments,
  note,
  otherComments,
  type StepCourse,
} from './course.js';
import { deedCommands, duringCommands, itemCommands } from './deeds.js';
import { flowCommands } from './flows.js';
import { FUNCTIONS } from './functions.js';
import { labCommands } from './lab.js';
import { SOCKETS, WATCH } from './probe-functions.js';
import { PROCESSES } from './processes.js';
import { RECIPE } from './recipe-function.js';
import { enclose } from './sandbox.js';
import { command, comment, shown } from './shell.js';

const POLICY_TIMEOUT_MS = 30_000;

/** What the header says of where the script comes from. */
export interface Origin {
  readonly version: string;
  /** The words of the command that made it. */
  readonly command: readonly string[];
}

type Flows = ReadonlyMap<Step, readonly FlowPlan[]>;

/** The scenario's lab as a bash script that can be pasted into a shell. Pure: the same for the same scenario. */
export function labScript(plan: LabPlan, flows: Flows, { version, command: words }: Origin): string {
  const labs = stepsByLab(plan.scenario.steps);
  const made = [`Made by replypath ${version}: ${shown(command(...words))}`];
  return `#!/bin/bash\n${header(plan, flows, made)}\n\n${enclose(insideText(plan, flows, labs, null), labs.length)}`;
}

/**
 * The same of a scenario that was carried out, as far as it came, with what happened as comments behind each of its
 * parts. It does again what was done.
 */
export function transcript(plan: LabPlan, flows: Flows, course: Course): string {
  const { steps } = plan.scenario;
  const labs = stepsByLab(steps.slice(0, course.steps.length));
  const missing = steps
    .slice(course.steps.length)
    .map(({ title }) => note(`not carried out to its end, or not at all: ${title}`));
  const inside = insideText(plan, flows, labs, course);
  const head = [header(plan, flows, course.summary), ...missing].join('\n');
  return `#!/bin/bash\n${head}\n\n${enclose(inside, labs.length)}`;
}

/** The part that runs inside, called with the number of the lab that it is to make. */
export function insideScript(plan: LabPlan, flows: Flows, course: Course | null = null): string {
  const { steps } = plan.scenario;
  return insideText(plan, flows, stepsByLab(steps.slice(0, course?.steps.length)), course);
}

/** A fresh step begins a lab of its own. There is one without steps, too. */
function stepsByLab(steps: readonly Step[]): Step[][] {
  const [first, ...others] = steps;
  const labs: Step[][] = [first === undefined ? [] : [first]];
  for (const step of others) {
    if (step.fresh) labs.push([step]);
    else labs.at(-1)?.push(step);
  }
  return labs;
}

/** @param made where the script comes from, a line each */
function header({ scenario }: LabPlan, flows: Flows, made: readonly string[]): string {
  const { name, title, variant } = scenario;
  const cell = Object.entries(variant).map(([key, value]) => `${key}=${value}`);
  const all = [...flows.values()].flat();
  const notes = [
    ...(all.length > 1
      ? ['The flows of a step are sent one after the other; replypath sends them all at once.']
      : []),
    ...(scenario.steps.some(({ during }) => during.length > 0)
      ? ['What happens while flows run begins with the first of its step.']
      : []),
    ...(all.length > 0
      ? [
          'What tcpdump shows is for you to compare: there is no verdict, and no proof that nothing was missed.',
        ]
      : []),
    'A command that fails is shown, and the script goes on; replypath ends the scenario unless that is expected.',
  ];
  return comment(
    [
      shown(name),
      shown(title),
      '',
      ...made.map(shown),
      ...(cell.length > 0 ? [`Variant: ${shown(cell.join(' '))}`] : []),
      '',
      'Paste it into a shell of root, or run it with bash. An ordinary user may too, where newuidmap(1) and',
      'a range in subuid(5) give more than one user. It needs util-linux, iproute2, tcpdump, iputils-ping and perl.',
      'Everything happens in namespaces of its own with a read-only view of the file system, and is gone at its end,',
      'captures included. To look around before: LAB_SHELL=1 bash FILE opens a shell in the lab, in which',
      '`on NODE COMMAND` runs a command in a node, and /run/lab/NODE.pcap is what tcpdump captured there.',
      '',
      'How it differs from replypath run:',
      ...notes.map((note) => `- ${note}`),
    ].join('\n'),
  );
}

/** @param course what happened in those steps; null where nothing did. */
function insideText(
  plan: LabPlan,
  flows: Flows,
  labs: readonly (readonly Step[])[],
  course: Course | null,
): string {
  const courses = new Map(course?.steps.map((each, i) => [plan.scenario.steps[i], each]));
  const probes = [...flows.values()].flat().map(({ flow }) => flow.probe);
  const body = labs.map((steps) =>
    steps.flatMap((step) => ['', ...stepCommands(step, flows.get(step) ?? [], plan, courses.get(step))]),
  );
  return [
    '# shellcheck shell=bash',
    FUNCTIONS,
    ...(usesRecipes(plan) ? ['', RECIPE] : []),
    ...(usesProcesses(plan) ? ['', PROCESSES] : []),
    ...(probes.length > 0 ? ['', WATCH] : []),
    ...(probes.some(({ protocol }) => protocol !== 'icmp') ? ['', SOCKETS] : []),
    '',
    '# --- The lab ---',
    '',
    'set -e',
    `trap 'echo "the lab was not made: $BASH_COMMAND" >&2' ERR`,
    ...labCommands(plan),
    ...topologyPolicies(plan),
    'set +e',
    'trap - ERR',
    '',
    '# --- The steps ---',
    ...(labs.length === 1
      ? (body[0] ?? [])
      : body.flatMap((lines, i) => ['', `if (($1 == ${i + 1})); then`, ...lines.slice(1), 'fi'])),
    '',
    shellInLab(labs.length),
    '',
  ].join('\n');
}

/** In the last lab, a shell in which `on` and the nodes are known. */
function shellInLab(labs: number): string {
  const isLast = labs === 1 ? '' : ` && $1 == ${labs}`;
  return [
    `if [[ $LAB_SHELL${isLast} ]]; then`,
    `  rc="$(declare -p pid; declare -f on); PS1='lab# '; unset HISTFILE"`,
    `  TERM=$LAB_SHELL bash --rcfile <(echo "$rc") -i <&5 5<&-`,
    'fi',
  ].join('\n');
}

function topologyPolicies({ scenario }: LabPlan): string[] {
  const commands = scenario.topology.nodes.flatMap(({ name, policy }) =>
    policy.flatMap((item) => itemCommands(name, item, POLICY_TIMEOUT_MS)),
  );
  return commands.length === 0 ? [] : ['', '# What the topology itself configures.', ...commands];
}

/** @param course what happened in the step; undefined where that is not told. */
function stepCommands(
  step: Step,
  flows: readonly FlowPlan[],
  plan: LabPlan,
  course: StepCourse | undefined,
): string[] {
  const before = deedsOf({ ...step, during: [] }).slice(0, course?.deeds.length);
  const touchesLinks = before.some((deed) => 'event' in deed || deed.apply.items.some(changesLinks));
  const done = before.flatMap((deed, i) => {
    const told = course?.deeds[i];
    return [...deedCommands(deed, plan), ...(told === undefined ? [] : deedComments(told))];
  });
  const others = course === undefined ? [] : [...configuredComments(course), ...otherComments(course)];
  const results = course?.outcome.flows;
  const wasStopped = results?.length === 0;
  if (flows.length > 0 && wasStopped)
    return [
      command('step', shown(step.title)),
      ...done,
      ...others,
      note('here the scenario was ended: no flow was sent'),
    ];
  return [
    command('step', shown(step.title)),
    ...done,
    ...(touchesLinks && flows.length > 0 ? ['settle'] : []),
    ...duringCommands(step.during, plan),
    ...flowCommands(flows, commentsOn(flows, results ?? [])),
    ...(step.during.length > 0 ? ['wait "$meanwhile"'] : []),
    ...others,
  ];
}

/** What came of a flow, behind the last of its tuples; results are in the order of the flows. */
function commentsOn(
  plans: readonly FlowPlan[],
  results: readonly FlowResult[],
): ReadonlyMap<FlowPlan, readonly string[]> {
  const last = new Map(plans.map((plan) => [plan.flow, plan]));
  return new Map(
    [...last.values()].map((plan, i) => {
      const result = results[i];
      return [plan, result === undefined ? [] : flowComments(result)];
    }),
  );
}

const WITH_PROCESSES: ReadonlySet<PolicyItem['kind']> = new Set([
  ...(['files', 'configure', 'process', 'stop', 'restart', 'await'] as const),
]);

function usesProcesses({ scenario: { topology, steps } }: LabPlan): boolean {
  const items = [
    ...topology.nodes.flatMap(({ policy }) => policy),
    ...steps.flatMap(appliesOf).flatMap((apply) => apply.items),
  ];
  return items.some(({ kind }) => WITH_PROCESSES.has(kind));
}

function usesRecipes({ scenario: { topology, steps }, dials }: LabPlan): boolean {
  const isShell = ({ kind }: PolicyItem) => kind === 'shell';
  return (
    topology.nodes.some(({ policy }) => policy.some(isShell)) ||
    steps
      .flatMap(deedsOf)
      .some((deed) =>
        'event' in deed
          ? deed.event.kind === 'shell' || dials.has(deed.event)
          : deed.apply.items.some(isShell),
      )
  );
}
