import * as formats from '../format/json-schema.js';

// Written out: the declarations of src/format lead to zod's.
export type SchemaName = 'scenario' | 'topology' | 'policy' | 'config' | 'report' | 'explanation';

export type JsonSchema = Readonly<Record<string, unknown>>;

/** The JSON Schema (draft 7) of a kind of file, of a run's report, or of what `explain --json` prints. */
export function jsonSchema(name: SchemaName): JsonSchema {
  return formats.jsonSchema(name);
}

true satisfies [SchemaName, formats.SchemaName] extends [formats.SchemaName, SchemaName] ? true : false;
