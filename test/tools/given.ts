import type { ConfigureItem } from '../../src/model/policy.js';
import type { ToolName } from '../../src/model/tool.js';
import { TOOLS_BY_NAME } from '../../src/tools/tools.js';

/** A tool with files, each by its text or with its mode. */
export function given(
  tool: ToolName,
  files: Readonly<Record<string, string | readonly [mode: string, text: string]>>,
): ConfigureItem {
  const written = Object.entries(files).map(([path, content]) => {
    const [mode, text] = typeof content === 'string' ? ['0644', content] : content;
    return { path, mode, text };
  });
  return { kind: 'configure', tool, name: tool, interfaces: [], files: written };
}

/** What the files ask for, each with its line. */
export function askedOf(item: ConfigureItem): readonly string[] {
  return TOOLS_BY_NAME[item.tool].asked(item).map(({ line, command }) => {
    const { object, said } = command;
    return `${line} ${object} ${'words' in said ? said.words : `${said.address}/${said.prefixLength} ${said.device}`}`;
  });
}
