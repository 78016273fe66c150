import { z } from 'zod';
import { policyFile } from './policy.js';
import { scenarioFile } from './scenario.js';
import { topologyFile } from './topology.js';

export type FileKind = 'scenario' | 'topology' | 'policy';

type JsonSchema = Readonly<Record<string, unknown>>;

/** The JSON Schema (draft 2020-12) of each kind of file, for editors. */
export function jsonSchemas(): Readonly<Record<FileKind, JsonSchema>> {
  return {
    scenario: jsonSchema(scenarioFile, 'A replypath scenario'),
    topology: jsonSchema(topologyFile, 'A replypath topology'),
    policy: jsonSchema(policyFile, 'A replypath policy'),
  };
}

/** A topology's `$parameter` stands before its value is known, so an editor has to accept it for any scalar. */
const PARAMETER = { type: 'string', pattern: '^\\$[A-Za-z][A-Za-z0-9_-]*$' };

function jsonSchema(schema: z.ZodType, title: string): JsonSchema {
  const json = z.toJSONSchema(schema, {
    io: 'input',
    override: ({ zodSchema, jsonSchema: part }) => {
      if (zodSchema !== topologyFile) return;
      part.properties = withParameters(part.properties ?? {}) as NonNullable<typeof part.properties>;
    },
  });
  return { ...json, title };
}

function withParameters(part: unknown): unknown {
  if (Array.isArray(part)) return part.map(withParameters);
  if (typeof part !== 'object' || part === null) return part;
  const schema = part as Record<string, unknown>;
  const isScalar = schema.type === 'integer' || schema.type === 'number' || schema.type === 'boolean';
  const described = Object.fromEntries(
    Object.entries(schema).map(([key, value]) => [key, key === 'enum' ? value : withParameters(value)]),
  );
  if (!isScalar && !('enum' in schema) && !('const' in schema)) return described;
  return { anyOf: [described, PARAMETER], description: schema.description };
}
