import type { Configured } from '../../model/tool.js';
import { type Line, line, span } from './line.js';

/** What a configuration tool made of its files, and in a line each what it ignored and what it added. */
export function configuredLines({ node, tool, asked, ignored, added }: Configured): readonly Line[] {
  const counts = [
    `${asked} asked for`,
    ...(ignored.length > 0 ? [`${ignored.length} not there`] : []),
    ...(added.length > 0 ? [`${added.length} more`] : []),
  ];
  return [
    [span(`${node}, ${tool}: `, 'faint'), span(counts.join(', '))],
    ...ignored.map((text) => line(`  not there  ${text}`, 'doubt')),
    ...added.map((text) => line(`  more       ${text}`, 'faint')),
  ];
}
