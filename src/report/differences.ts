import type { Differing, DifferingProperty, FlowPlace, KernelDifference } from '../model/difference.js';
import type { FlowResult } from '../model/flow-result.js';
import { type Environment, nameOnAnyKernel, type ReasonCode, type ScenarioResult } from '../model/result.js';
import { packetsText } from './text/flow.js';
import { pathText } from './text/path-text.js';

/** The names of the kernels that a run was asked for, where there are several; none otherwise. */
export function kernelNamesOf({ kernels = {} }: Environment): readonly string[] {
  return Object.keys(kernels);
}

/**
 * What is not the same on all of those kernels: for each scenario its end, and for each flow, by its place in the
 * file, its verdict and its path. Kernels on which a scenario was not run to its end are not compared.
 */
export function differences(
  kernels: readonly string[],
  scenarios: readonly ScenarioResult[],
): readonly KernelDifference[] {
  // By name: the order in which they end is another each time.
  const sorted = [...byScenario(scenarios)].sort(([a], [b]) => (a < b ? -1 : 1));
  return sorted.flatMap(([scenario, results]) => {
    const ran = ranOn(kernels, results);
    const [first] = ran;
    if (first === undefined) return [];
    const at = (flow: FlowPlace | null, differing: readonly Differing[]): KernelDifference[] =>
      differing.length === 0 ? [] : [{ scenario, file: first.file, flow, differing }];
    return [
      ...at(null, endsThatDiffer(ran)),
      ...flowPlaces(ran).flatMap((place) => at(place, flowsThatDiffer(ran, place))),
    ];
  });
}

/** How many scenarios were run on a kernel at least, and how many of them to their end on all of those kernels. */
export function comparedOf(
  kernels: readonly string[],
  scenarios: readonly ScenarioResult[],
): { readonly total: number; readonly compared: number } {
  const all = [...byScenario(scenarios).values()];
  const compared = all.filter((results) => ranOn(kernels, results).length === kernels.length);
  return { total: all.length, compared: compared.length };
}

/** In the order of the kernels. */
function ranOn(kernels: readonly string[], results: readonly ScenarioResult[]): readonly ScenarioResult[] {
  const complete = results.filter(({ reason }) => reason?.code !== 'interrupted');
  return kernels.flatMap((kernel) => complete.find(({ kernelName }) => kernelName === kernel) ?? []);
}

function byScenario(scenarios: readonly ScenarioResult[]): ReadonlyMap<string, readonly ScenarioResult[]> {
  const groups = new Map<string, ScenarioResult[]>();
  for (const result of scenarios) {
    // A file that is no scenario was run on none.
    if (result.kernelName === undefined) continue;
    const name = nameOnAnyKernel(result);
    groups.set(name, [...(groups.get(name) ?? []), result]);
  }
  return groups;
}

type Values = Partial<Record<DifferingProperty, string | null>>;

/** Properties by the kernel's name, those that are not the same on all kernels. */
function thatDiffer(all: readonly (readonly [kernel: string, values: Values])[]): readonly Differing[] {
  const [first] = all;
  if (first === undefined) return [];
  return (Object.keys(first[1]) as DifferingProperty[]).flatMap((property) => {
    const values = all.map(([kernel, each]) => [kernel, each[property] ?? null] as const);
    const isSame = values.every(([, value]) => value === values[0]?.[1]);
    return isSame ? [] : [{ property, values: Object.fromEntries(values) }];
  });
}

/** Reasons of which their flows tell what differs. */
const OF_FLOWS: ReadonlySet<ReasonCode> = new Set(['flow-not-as-expected', 'flow-inconclusive']);

/** Reasons whose text is about a recipe; that of others may be about the machine. */
const OF_RECIPES: ReadonlySet<ReasonCode> = new Set([
  'recipe-failed',
  'recipe-timeout',
  'failure-missing',
  'process-ended',
]);

/** Whether and why a scenario came to an end that is none of its flows'. */
function endsThatDiffer(results: readonly ScenarioResult[]): readonly Differing[] {
  const ends = results.map(({ status, reason }) => {
    const isOwn = reason !== null && !OF_FLOWS.has(reason.code);
    const key = !isOwn ? '' : OF_RECIPES.has(reason.code) ? reason.text : reason.code;
    return { key: `${isOwn ? status : ''} ${key}`, status, reason: isOwn ? reason.text : null };
  });
  if (ends.every(({ key }) => key === ends[0]?.key)) return [];
  return thatDiffer(
    results.map(({ kernelName = '' }, index): [string, Values] => {
      const { status = null, reason = null } = ends[index] ?? {};
      return [kernelName, { status, reason }];
    }),
  );
}

/** Each flow that any of the results has, once. */
function flowPlaces(results: readonly ScenarioResult[]): readonly FlowPlace[] {
  const places = results.flatMap(({ steps }) =>
    steps.flatMap(({ title, flows }, step) =>
      flows.map(
        ({ from, to, probe, family }, flow): FlowPlace => ({
          ...{ step: step + 1, title, flow: flow + 1 },
          ...{ from, to, probe, family },
        }),
      ),
    ),
  );
  const byNumber = new Map(places.map((place) => [`${place.step} ${place.flow}`, place]));
  return [...byNumber.values()].sort((a, b) => a.step - b.step || a.flow - b.flow);
}

/** Where a scenario ended before the flow, that is what is told of it. */
function flowsThatDiffer(
  results: readonly ScenarioResult[],
  { step, flow }: FlowPlace,
): readonly Differing[] {
  return thatDiffer(
    results.flatMap(({ kernelName = '', steps }): [string, Values][] => {
      const found = steps[step - 1]?.flows[flow - 1];
      return found === undefined ? [] : [[kernelName, valuesOf(found)]];
    }),
  );
}

function valuesOf(flow: FlowResult): Values {
  const { status, verdict, by, errno, cause, packets, request, reply } = flow;
  const end = { verdict, status, by, errno, cause: cause?.code ?? null };
  // Each kernel hashes with a key of its own: the way of one tuple says nothing.
  if (flow.spread) return end;
  return {
    ...end,
    packets: packets.length === 0 ? null : packetsText(packets),
    'request in': request.in,
    'request out': request.out,
    'request via': request.nexthop,
    'reply in': reply.in,
    'reply out': reply.out,
    'reply via': reply.nexthop,
    'reply from': reply.source,
    'request path': pathText(request.path),
    'reply path': pathText(reply.path),
  };
}
