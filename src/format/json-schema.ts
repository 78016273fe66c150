import { z } from 'zod';
import { configFile } from './config.js';
import { explanationReport } from './explanation.js';
import { acceptParameters, forEditors, type JsonSchema } from './for-editors.js';
import { policyFile } from './policy.js';
import { reportSchema } from './report.js';
import { scenarioFile } from './scenario.js';
import { topologyFile } from './topology.js';

interface Described {
  readonly schema: z.ZodType;
  readonly title: string;
}

/** What there is a JSON Schema of, by the name that `replypath schema` and the files in schemas/ have. */
export const SCHEMAS = {
  scenario: { schema: scenarioFile, title: 'replypath scenario' },
  topology: { schema: topologyFile, title: 'replypath topology' },
  policy: { schema: policyFile, title: 'replypath policy' },
  config: { schema: configFile, title: 'replypath config' },
  report: { schema: reportSchema, title: 'Report of replypath run, version 1' },
  explanation: { schema: explanationReport, title: 'What replypath explain --json prints, version 1' },
} as const satisfies Readonly<Record<string, Described>>;

export type SchemaName = keyof typeof SCHEMAS;

/**
 * The JSON Schema of one of them, in draft 7: what every editor knows, and the one draft in which
 * yaml-language-server completes the entries of a tuple.
 */
export function jsonSchema(name: SchemaName): JsonSchema {
  const { schema, title } = SCHEMAS[name];
  const generated = atRoot(z.toJSONSchema(schema, { io: 'input', target: 'draft-7', override: addMessage }));
  // Nobody writes a report: it needs nothing of what helps to write.
  const isWritten = name !== 'report' && name !== 'explanation';
  const schemaForUse = isWritten ? forEditors(withParameters(name, generated)) : generated;
  const { $schema, id: _id, ...rest } = schemaForUse;
  return { $schema, $id: `urn:replypath:schema:${name}`, title, ...rest };
}

/** The text of schemas/NAME.schema.json. */
export function schemaText(name: SchemaName): string {
  return `${JSON.stringify(jsonSchema(name), null, 2)}\n`;
}

/** What has a name where it is a part is no reference where it is the whole. */
function atRoot(generated: JsonSchema): JsonSchema {
  const { $ref, definitions, ...rest } = generated;
  if (typeof $ref !== 'string') return generated;
  const { [$ref.replace('#/definitions/', '')]: root, ...others } = definitions as Record<string, JsonSchema>;
  return { ...rest, ...root, definitions: others };
}

/** Our own words for a pattern that does not match: an editor would otherwise show the regular expression. */
function addMessage({
  zodSchema,
  jsonSchema: part,
}: {
  zodSchema: z.core.$ZodTypes;
  jsonSchema: JsonSchema;
}) {
  for (const { _zod: check } of zodSchema._zod.def.checks ?? []) {
    if (check.def.check !== 'string_format') continue;
    const message = check.def.error?.({ code: 'invalid_format', input: '' } as never);
    if (typeof message === 'string') part.patternErrorMessage = message.replace(/^m/, 'M');
  }
}

/** A `$parameter` may stand in a topology only, also in one that stands in a scenario. */
function withParameters(name: SchemaName, generated: JsonSchema): JsonSchema {
  if (name === 'topology') return acceptParameters(generated);
  const { definitions } = generated as { definitions?: Record<string, JsonSchema> };
  if (name !== 'scenario' || definitions === undefined) return generated;
  return { ...generated, definitions: acceptParametersBelow('Topology', definitions) };
}

/** Policies are the same in topologies and in `apply`, where an editor lets a parameter pass as well. */
function acceptParametersBelow(
  root: string,
  definitions: Readonly<Record<string, JsonSchema>>,
): Record<string, JsonSchema> {
  const reached = new Set<string>();
  const reach = (name: string) => {
    if (reached.has(name)) return;
    reached.add(name);
    const text = JSON.stringify(definitions[name] ?? {});
    for (const [, next = ''] of text.matchAll(/"#\/definitions\/(\w+)"/g)) reach(next);
  };
  reach(root);
  return Object.fromEntries(
    Object.entries(definitions).map(([name, part]) => [
      name,
      reached.has(name) ? acceptParameters(part) : part,
    ]),
  );
}
