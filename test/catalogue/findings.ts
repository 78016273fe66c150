import type { FlowResult } from '../../src/model/flow-result.js';
import type { RunReport, ScenarioResult } from '../../src/model/result.js';
import type { Variant } from '../../src/model/scenario.js';

/** A scenario of the catalogue, with the results of all its variants. */
interface Entry {
  readonly id: string;
  readonly variants: readonly ScenarioResult[];
  /** The first of them: what is documented is the same in all. */
  readonly first: ScenarioResult;
}

/**
 * The page of findings, from a run: what each source claims, what the kernel does, and the flows that show it.
 *
 * @returns also what keeps a finding from being what the run showed, a sentence each; then the page may not be written
 */
export function findingsPage(report: RunReport): { page: string; faults: readonly string[] } {
  const entries = entriesOf(report.scenarios);
  const faults = entries.flatMap(faultsOf);
  const kernels = [...new Set(report.scenarios.flatMap(({ kernel }) => kernel ?? []))].sort(byText);
  const page = [
    '# Findings',
    '',
    'What people say of policy routing, and what the kernel does: each row is a scenario that reproduces it. Made by',
    '`scripts/findings` from a run, on ' + sentenceList(kernels.map((kernel) => `Linux ${kernel}`)) + '.',
    '',
    '`confirmed`: the kernel does what the source says. `refined`: it does, but there is more to say. `refuted`: it does',
    'something else. `unresolved`: the lab cannot decide it.',
    '',
    ...table(
      ['scenario', 'claim', 'finding'],
      entries.map(({ id, first }) => [
        `[${shortId(id)}](#${anchorOf(id)})`,
        oneLine(first.claim ?? ''),
        first.finding?.status ?? '',
      ]),
    ),
    '',
    ...entries.flatMap((entry) => [...section(entry), '']),
  ];
  return { page: page.join('\n'), faults };
}

function entriesOf(scenarios: readonly ScenarioResult[]): readonly Entry[] {
  const ids = [...new Set(scenarios.map(({ id }) => id))].sort(byText);
  return ids.flatMap((id) => {
    const variants = scenarios.filter((each) => each.id === id).sort((a, b) => byText(a.name, b.name));
    const [first] = variants;
    return first === undefined ? [] : [{ id, variants, first }];
  });
}

function byText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function faultsOf({ id, variants, first }: Entry): readonly string[] {
  const { source, claim, finding, lesson } = first;
  const missing = Object.entries({ source, claim, finding, lesson }).flatMap(([key, value]) =>
    value === null ? [`${id} has no ${key}`] : [],
  );
  const unshown = variants.flatMap(({ name, status, reason }) =>
    status === 'passed' ? [] : [`${name} ${status}: ${reason?.text ?? 'no reason is given'}`],
  );
  return [...missing, ...unshown];
}

function section({ id, variants, first }: Entry): readonly string[] {
  const { title, file, source, claim, finding, lesson, tags } = first;
  const comment =
    source?.comment === null || source?.comment === undefined ? '' : `, comment ${source.comment}`;
  const kernels = [...new Set(variants.flatMap(({ kernel }) => kernel ?? []))];
  return [
    `## ${shortId(id)}`,
    '',
    `${title} ([${file}](../${file})).`,
    '',
    `- **Source**: ${source?.document ?? 'none'}${comment}; tags ${tags.join(', ')}`,
    `- **Claim**: ${oneLine(claim ?? '')}`,
    `- **Finding**: ${finding?.status ?? ''}. ${oneLine(finding?.text ?? '')}`.trimEnd(),
    `- **Lesson**: ${oneLine(lesson ?? '')}`,
    '',
    `<details><summary>Shown by ${count(variants)}, on Linux ${kernels.join(' and ')}</summary>`,
    '',
    ...table(
      ['step', 'flow', 'seen', 'where'],
      evidenceOf(variants).map(({ step, flow, seen, where }) => [step, flow, seen, where]),
    ),
    '',
    '</details>',
  ];
}

function count(variants: readonly ScenarioResult[]): string {
  const flows = variants.flatMap(({ steps }) => steps.flatMap((step) => step.flows)).length;
  const labs = variants.length === 1 ? '1 variant' : `${variants.length} variants`;
  return `${flows} ${flows === 1 ? 'flow' : 'flows'} in ${labs}`;
}

interface Row {
  readonly step: string;
  readonly flow: string;
  readonly seen: string;
  readonly where: string;
}

/** What was seen of each flow, in the order of the file, once for all the variants in which it was the same. */
function evidenceOf(variants: readonly ScenarioResult[]): readonly Row[] {
  const seen = new Map<string, Seen>();
  for (const result of variants) {
    for (const [step, { title, flows }] of result.steps.entries()) {
      for (const [i, flow] of flows.entries()) {
        const cells = { step: title, flow: `${flow.from} → ${flow.to}, ${flow.probe}`, seen: outcome(flow) };
        const key = JSON.stringify(cells);
        const known = seen.get(key) ?? { cells, place: step * MOST_FLOWS + i, in: new Set() };
        known.in.add(result);
        seen.set(key, known);
      }
    }
  }
  return [...seen.values()]
    .sort((a, b) => a.place - b.place)
    .map((each) => ({ ...each.cells, where: whereText([...each.in], variants) }));
}

interface Seen {
  readonly cells: Omit<Row, 'where'>;
  readonly place: number;
  readonly in: Set<ScenarioResult>;
}

/** More than a step has. */
const MOST_FLOWS = 1000;

function outcome({ verdict, request, reply, lost, errno, by, cause }: FlowResult): string {
  const ways = [
    ...(request.in === null ? [] : [`in ${request.in}`]),
    ...(request.in === null && request.out !== null ? [`out ${request.out}`] : []),
    ...(reply.out === null ? [] : [`reply out ${reply.out}`]),
    ...(reply.out === null && reply.in !== null ? [`reply in ${reply.in}`] : []),
    ...(lost === null ? [] : [`lost at ${lost.node}${lost.interface === null ? '' : `:${lost.interface}`}`]),
    ...(by === null ? [] : [`by ${by}`]),
    ...(errno === null ? [] : [errno]),
    ...(cause === null ? [] : [`cause ${cause.code}`]),
  ];
  return ways.length === 0 ? `**${verdict}**` : `**${verdict}**: ${ways.join(', ')}`;
}

/** In which variants, as short as it can be said: `isp=bcp38, stateful`. */
function whereText(some: readonly ScenarioResult[], all: readonly ScenarioResult[]): string {
  if (some.length === all.length) return all.length === 1 ? '' : 'all';
  const keys = Object.keys(all[0]?.variant ?? {});
  const values = (results: readonly ScenarioResult[], key: string) => [
    ...new Set(results.map(({ variant }) => variant[key])),
  ];
  const telling = keys.filter((key) => values(some, key).length < values(all, key).length);
  const isTold = (variant: Variant) => telling.every((key) => values(some, key).includes(variant[key]));
  if (all.filter(({ variant }) => isTold(variant)).length === some.length) {
    return telling.map((key) => `${key}=${values(some, key).join(', ')}`).join('; ');
  }
  return some.map(({ variant }) => Object.values(variant).join(' ')).join('; ');
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)];
}

function shortId(id: string): string {
  return id.replace(/^.*\//, '');
}

function anchorOf(id: string): string {
  return shortId(id).toLowerCase();
}

function oneLine(text: string): string {
  return text.trim().replaceAll(/\s+/g, ' ');
}

function sentenceList(items: readonly string[]): string {
  return items.length < 2 ? items.join() : `${items.slice(0, -1).join(', ')} and ${items.at(-1)}`;
}
