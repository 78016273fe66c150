import { jsonSchemas } from '../format/json-schema.js';
import { reportJsonSchema } from '../format/report.js';

export type SchemaName = 'scenario' | 'topology' | 'policy' | 'report';

export type JsonSchema = Readonly<Record<string, unknown>>;

/** The JSON Schema (draft 2020-12) of a kind of file, or of a run's report. */
export function jsonSchema(name: SchemaName): JsonSchema {
  return name === 'report' ? { ...reportJsonSchema() } : jsonSchemas()[name];
}
