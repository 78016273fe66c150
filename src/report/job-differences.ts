import type { KernelDifference } from '../model/difference.js';
import type { Environment, ScenarioResult } from '../model/result.js';
import { headingOf, valueText } from './difference-layout.js';
import { differences, kernelNamesOf } from './differences.js';
import { escaped } from './text/markdown.js';

/** What is not the same on all kernels in Markdown: a table of up to `limit` rows, a column for each kernel. */
export function jobDifferences(
  environment: Environment,
  results: readonly ScenarioResult[],
  limit: number,
): readonly string[] {
  const kernels = kernelNamesOf(environment);
  const found = differences(kernels, results);
  const heading = headingOf(kernels, found, results);
  if (heading === null) return [];
  if (found.length === 0) return ['', escaped(heading)];
  const rows = found.flatMap((each) => rowsOf(each, kernels));
  return [
    '',
    `**${escaped(heading)}**`,
    '',
    `| scenario | | | ${kernels.map(escaped).join(' | ')} |`,
    `| - | - | - |${' - |'.repeat(kernels.length)}`,
    ...rows.slice(0, limit),
    ...(rows.length > limit ? ['', `… and ${rows.length - limit} more.`] : []),
  ];
}

function rowsOf(
  { scenario, flow, differing }: KernelDifference,
  kernels: readonly string[],
): readonly string[] {
  const where = flow === null ? '' : `${flow.from} → ${flow.to} ${flow.probe} IPv${flow.family}`;
  const step = flow === null || flow.title === '' ? '' : `${flow.title}: `;
  return differing.map((row) => {
    const values = kernels.map((kernel) => valueText(row, kernel));
    return `| ${[scenario, `${step}${where}`, row.property, ...values].map(escaped).join(' | ')} |`;
  });
}
