import { stringify } from 'yaml';

/*
 * JSON Schema as editors do best with it. What zod generates is correct, and yaml-language-server makes little of it:
 * from an `anyOf` it reports the faults of the alternative that it holds for the nearest, often the wrong one, and of
 * an example that is a map it makes a completion called [object Object]. What the rewritten schema accepts is the same.
 */

export type JsonSchema = { [keyword: string]: unknown };

/** Keywords that hold schemas: one, a list of them, or one by name. */
const ONE = ['additionalProperties', 'propertyNames', 'items', 'additionalItems', 'then', 'else'] as const;
const LIST = ['anyOf', 'oneOf', 'items'] as const;
const BY_NAME = ['properties', 'definitions'] as const;

function isSchema(value: unknown): value is JsonSchema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A schema with each schema directly in it replaced. */
function mapParts(schema: JsonSchema, change: (part: JsonSchema) => JsonSchema): JsonSchema {
  const result = { ...schema };
  for (const key of ONE) if (isSchema(result[key])) result[key] = change(result[key]);
  for (const key of LIST) {
    const parts = result[key];
    if (Array.isArray(parts)) result[key] = parts.map(change);
  }
  for (const key of BY_NAME) {
    const parts = result[key];
    if (!isSchema(parts)) continue;
    const changed = Object.entries(parts).map(([name, part]) => [name, isSchema(part) ? change(part) : part]);
    result[key] = Object.fromEntries(changed);
  }
  return result;
}

const PARAMETER = '^\\$[A-Za-z][A-Za-z0-9_-]*$';

/** A topology's `$parameter` stands before its value is known, so it is accepted for any scalar. */
export function acceptParameters(schema: JsonSchema): JsonSchema {
  const isScalar = ['integer', 'number', 'boolean'].includes(String(schema.type));
  if (!isScalar && !('enum' in schema) && !('const' in schema)) return mapParts(schema, acceptParameters);
  const [annotations, value] = split(schema, ANNOTATIONS);
  const other = schema.type === 'boolean' ? 'true or false' : 'a number';
  const patternErrorMessage = `Must be ${other}, or $ and the name of a parameter`;
  // In a union of words, each has its meaning.
  const word = 'const' in schema ? { ...value, description: schema.description } : value;
  return { ...annotations, anyOf: [word, { type: 'string', pattern: PARAMETER, patternErrorMessage }] };
}

const ANNOTATIONS = ['description', 'examples'];

function split(schema: JsonSchema, keys: readonly string[]): [chosen: JsonSchema, others: JsonSchema] {
  const entries = Object.entries(schema);
  return [
    Object.fromEntries(entries.filter(([key]) => keys.includes(key))),
    Object.fromEntries(entries.filter(([key]) => !keys.includes(key))),
  ];
}

export function forEditors(schema: JsonSchema): JsonSchema {
  if (Array.isArray(schema.oneOf)) return forEditors(chained(schema));
  return withSnippets(decided(unwrapped(mapParts(schema, forEditors))));
}

/** Without what zod writes and nobody means. */
function unwrapped(schema: JsonSchema): JsonSchema {
  const { allOf, ...rest } = schema;
  // Editors take a description beside `$ref`, though draft 7 has none there.
  if (Array.isArray(allOf) && allOf.length === 1) return { ...allOf[0], ...rest };
  // No limit that anybody set: the largest number that JavaScript counts with.
  return schema.maximum === Number.MAX_SAFE_INTEGER ? split(schema, ['maximum'])[1] : schema;
}

/**
 * A union of maps that one key decides (`oneOf`, of zod's discriminated unions): the faults shown are those of the map
 * that this key says. The alternative that does without the key comes last, and takes what no other does.
 */
function chained({ oneOf, examples, ...rest }: JsonSchema): JsonSchema {
  const alternatives = asList(oneOf).filter(isSchema);
  const words = alternatives.map((part) => wordOf(part));
  const last = alternatives.find((part) => !asList(part.required).includes(KEY)) ?? {};
  const choice = {
    description: 'What it is.',
    enum: words.map(({ word }) => word),
    enumDescriptions: words.map(({ meaning }) => meaning),
    examples: words.map(({ word }) => word),
  };
  const otherwise: JsonSchema = {
    ...last,
    properties: { ...(last.properties as JsonSchema), [KEY]: choice },
  };
  const chain = alternatives
    .filter((part) => part !== last)
    .reduceRight<JsonSchema>(
      (rest, part) => ({
        if: { required: [KEY], properties: { [KEY]: { const: wordOf(part).word } } },
        // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
        then: part,
        else: rest,
      }),
      otherwise,
    );
  return { ...rest, type: 'object', defaultSnippets: asList(examples).map(snippet), ...chain };
}

/** By which all unions of this kind are decided. */
const KEY = 'kind';

/** The value of the key that decides, in an alternative, with or without parameters beside it. */
function wordOf(part: JsonSchema): { word: unknown; meaning: unknown } {
  const { [KEY]: key } = part.properties as Record<string, JsonSchema>;
  const { const: word, description } = { ...key, ...asList(key?.anyOf).find(isSchema) };
  return { word, meaning: String(key?.description ?? description).replace(/\.$/, '') };
}

type Kind = 'object' | 'array' | 'scalar' | 'null';

function kindOf(schema: JsonSchema): Kind {
  if (schema.$ref !== undefined || schema.type === 'object') return 'object';
  return schema.type === 'array' || schema.type === 'null' ? schema.type : 'scalar';
}

/**
 * A union is decided by the kind of the value, so that the faults shown are those of what the author
 * meant. Examples stand with the alternative of their kind; what is not a scalar would spoil completion beside it.
 */
function decided(schema: JsonSchema): JsonSchema {
  const { anyOf, ...annotations } = schema;
  if (!Array.isArray(anyOf)) return schema;
  const alternatives = anyOf.flatMap(
    (part: JsonSchema) => (part.anyOf as JsonSchema[] | undefined) ?? [part],
  );
  const of = (...kinds: Kind[]) => alternatives.filter((part) => kinds.includes(kindOf(part)));
  const structures = of('object', 'array');
  if (structures.length === 0) return { ...annotations, ...mergedScalars(alternatives) };

  const { examples, ...described } = annotations;
  const examplesOf = (kind: Kind) => asList(examples).filter((example) => kindOfValue(example) === kind);
  const last = of('scalar').length > 0 ? mergedScalars(of('scalar', 'null')) : undefined;
  const kinds = [...structures.map(kindOf), ...of('null').map(kindOf)];
  const chain = structures.reduceRight<JsonSchema | undefined>((otherwise, structure) => {
    const kind = kindOf(structure);
    const exemplified = { ...structure, ...nonEmpty('examples', examplesOf(kind)) };
    // Those of maps are offered for the union as a whole.
    const then = kind === 'array' ? withSnippets(exemplified) : exemplified;
    return { if: { type: kind }, then, ...(otherwise && { else: otherwise }) };
  }, last);
  return {
    ...described,
    ...(last === undefined && { type: kinds.length === 1 ? kinds[0] : kinds }),
    ...nonEmpty('examples', examplesOf('scalar')),
    ...nonEmpty('defaultSnippets', [
      ...wordSnippets(last),
      ...examplesOf(of('object').length > 0 ? 'object' : 'array').map(snippet),
    ]),
    ...chain,
  };
}

/** Keywords that are about values of one type only, so that alternatives of different types can share a schema. */
const OF_NUMBERS = ['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum'];
const OF_STRINGS = ['minLength', 'maxLength', 'patternErrorMessage'];

function mergedScalars(scalars: readonly JsonSchema[]): JsonSchema {
  const words = scalars.filter((part) => 'enum' in part || 'const' in part);
  const others = scalars.filter((part) => !words.includes(part));
  if (words.length === 0) return mergedTypes(others);
  const values = words.flatMap((part) => part.enum ?? [part.const]);
  const meanings = words.flatMap((part) => part.enumDescriptions ?? [part.description]);
  const word = {
    enum: values,
    ...(meanings.every((meaning) => typeof meaning === 'string') && { enumDescriptions: meanings }),
  };
  return others.length === 0 ? word : { anyOf: [word, mergedTypes(others)] };
}

function mergedTypes(scalars: readonly JsonSchema[]): JsonSchema {
  const types = [...new Set(scalars.flatMap((part) => part.type ?? []))];
  const strings = scalars.filter((part) => asList(part.type).includes('string'));
  const parameters = strings.filter((part) => part.pattern === PARAMETER);
  const words = strings.filter((part) => part.pattern !== PARAMETER);
  const patterns = strings.flatMap((part) => part.pattern ?? []);
  const pattern = patterns.length === 1 ? patterns[0] : patterns.map((one) => `(?:${one})`).join('|');
  return {
    type: types.length === 1 ? types[0] : types,
    ...Object.assign({}, ...scalars.map((part) => split(part, OF_NUMBERS)[0])),
    ...(patterns.length === strings.length && patterns.length > 0 && { pattern }),
    ...Object.assign({}, ...[...parameters, ...words].map((part) => split(part, OF_STRINGS)[0])),
  };
}

/** Examples that are more than a word become snippets, and stand where completion does not look for values. */
function withSnippets(schema: JsonSchema): JsonSchema {
  const { examples, ...rest } = schema;
  if (asList(examples).every(isPlain) || 'if' in schema) return schema;
  const kind = kindOf(schema);
  const type = kind === 'scalar' ? schema.type : kind;
  return {
    ...rest,
    // To a list belong snippets of its entries.
    defaultSnippets: (kind === 'array' ? asList(examples).flat() : asList(examples)).map(snippet),
    if: { type },
    // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
    then: { type, examples },
  };
}

function wordSnippets(schema: JsonSchema | undefined): JsonSchema[] {
  const meanings = asList(schema?.enumDescriptions);
  return asList(schema?.enum).map((word, index) => ({
    label: String(word),
    description: meanings[index],
    body: word,
  }));
}

function snippet(body: unknown): JsonSchema {
  if (typeof body === 'string' && body.includes('\n')) {
    const [first = '', ...more] = body.trimEnd().split('\n');
    return { label: `${first} …`, body: ['|', first, ...more].join('\n  ') };
  }
  return { label: stringify(body, { collectionStyle: 'flow', lineWidth: 0 }).trim(), body };
}

function kindOfValue(value: unknown): Kind {
  if (Array.isArray(value)) return 'array';
  return isSchema(value) ? 'object' : 'scalar';
}

function isPlain(value: unknown): boolean {
  return asList(value).every((item) => kindOfValue(item) === 'scalar' && !String(item).includes('\n'));
}

function asList(value: unknown): readonly unknown[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? value : [value];
}

function nonEmpty(key: string, values: readonly unknown[]): JsonSchema {
  return values.length === 0 ? {} : { [key]: values };
}
