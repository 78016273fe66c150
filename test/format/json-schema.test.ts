import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { globSync } from 'tinyglobby';
import { parse } from 'yaml';
import type { z } from 'zod';
import { milliseconds } from '../../src/format/common.js';
import type { JsonSchema } from '../../src/format/for-editors.js';
import { jsonSchema, SCHEMAS, type SchemaName, schemaText } from '../../src/format/json-schema.js';
import { scenarioFile } from '../../src/format/scenario.js';
import { packageFolder } from '../../src/system/package-folder.js';
import { type Instance, independentFaults } from './independent.js';

const ROOT = packageFolder();
const NAMES = Object.keys(SCHEMAS) as SchemaName[];

t.test('durations', async (t) => {
  t.equal(milliseconds(250), 250);
  t.equal(milliseconds('300ms'), 300);
  t.equal(milliseconds('2s'), 2000);
  t.equal(milliseconds('1.5s'), 1500);
});

t.test('schemas/ is what the code says', async (t) => {
  for (const name of NAMES) {
    const committed = readFileSync(join(ROOT, 'schemas', `${name}.schema.json`), 'utf8');
    t.ok(committed === schemaText(name), `${name}.schema.json is current; npm run schemas writes it`);
  }
});

/** Every schema in a schema, with the way to it. */
function partsOf(schema: unknown, path = ''): { path: string; schema: JsonSchema }[] {
  if (Array.isArray(schema)) return schema.flatMap((part, index) => partsOf(part, `${path}/${index}`));
  if (typeof schema !== 'object' || schema === null) return [];
  const parts = Object.entries(schema).flatMap(([key, part]) => {
    // `if` is a question, and no part of what may be written.
    if (['examples', 'enum', 'const', 'default', 'defaultSnippets', 'if'].includes(key)) return [];
    if (key !== 'properties' && key !== 'definitions') return partsOf(part, `${path}/${key}`);
    return Object.entries(part).flatMap(([name, value]) => partsOf(value, `${path}/${key}/${name}`));
  });
  return [{ path, schema: schema as JsonSchema }, ...parts];
}

/** Examples of a key: its own, and those that stand with an alternative, by the kind of value. */
function examplesOf(schema: JsonSchema): unknown[] {
  const branches = [schema.then, schema.else].filter((branch) => branch !== undefined) as JsonSchema[];
  return [...((schema.examples as unknown[] | undefined) ?? []), ...branches.flatMap(examplesOf)];
}

t.test('every key has a description and examples, every object is closed', async (t) => {
  for (const name of NAMES) {
    const schema = jsonSchema(name);
    const parts = partsOf(schema);
    const keys = parts.filter(({ path }) => /\/properties\/[^/]+$/.test(path));
    t.ok(keys.length > 10, `${name} has ${keys.length} keys`);
    const without = (test: (part: JsonSchema) => boolean) =>
      keys.filter((key) => !test(key.schema)).map(({ path }) => path);
    t.strictSame(
      without(({ description }) => typeof description === 'string'),
      [],
      `${name}: described`,
    );
    t.strictSame(
      without((key) => examplesOf(key).length > 0),
      [],
      `${name}: with examples`,
    );
    const open = parts.filter(
      ({ schema }) => 'properties' in schema && schema.additionalProperties !== false,
    );
    t.strictSame(
      open.map(({ path }) => path),
      [],
      `${name}: closed`,
    );
    const words = parts.filter(({ schema }) => Array.isArray(schema.enum) && schema.enum.length > 1);
    const mute = words.filter(
      ({ schema }) =>
        (schema.enumDescriptions as unknown[] | undefined)?.length !== (schema.enum as []).length,
    );
    t.strictSame(
      mute.map(({ path }) => path),
      [],
      `${name}: every word has its meaning`,
    );
    t.match(schema, {
      $schema: 'http://json-schema.org/draft-07/schema#',
      $id: /./,
      title: /./,
      description: /./,
    });
  }
});

/** What zod's schemas hold, as far as the walk below looks. */
interface Inside {
  readonly innerType?: z.ZodType;
  readonly options?: readonly z.ZodType[];
  readonly shape?: Readonly<Record<string, z.ZodType>>;
  readonly element?: z.ZodType;
  readonly valueType?: z.ZodType;
  readonly keyType?: z.ZodType;
  readonly items?: readonly z.ZodType[];
}

/** Every zod schema in a zod schema. */
function zodPartsOf(schema: z.ZodType, seen = new Set<z.ZodType>()): Set<z.ZodType> {
  if (seen.has(schema)) return seen;
  seen.add(schema);
  const {
    innerType,
    element,
    valueType,
    keyType,
    options = [],
    items = [],
    shape = {},
  } = schema.def as Inside;
  const inner = [innerType, element, valueType, keyType, ...options, ...items, ...Object.values(shape)];
  for (const part of inner) if (part !== undefined) zodPartsOf(part, seen);
  return seen;
}

t.test('every example is valid', async (t) => {
  for (const name of NAMES) {
    let count = 0;
    for (const part of zodPartsOf(SCHEMAS[name].schema)) {
      for (const example of (part.meta()?.examples as unknown[] | undefined) ?? []) {
        count++;
        const { success } = part.safeParse(example);
        if (!success) t.fail(`${name}: ${part.meta()?.description}`, { example });
      }
    }
    t.ok(count > 10, `${name}: ${count} examples`);
  }
});

t.test('another implementation of JSON Schema finds every example valid', async (t) => {
  for (const name of NAMES) {
    const root = jsonSchema(name);
    const instances: Instance[] = partsOf(root).flatMap(({ path, schema }) => {
      return examplesOf(schema).map((value) => ({ name: path, schema: root, part: path, value }));
    });
    t.ok(instances.length > 10);
    t.strictSame(independentFaults(instances), [], name);
  }
});

const FILES: readonly (readonly [SchemaName, string])[] = [
  ['scenario', '{scenarios/*,test/netns/!(topologies)}/*.yaml'],
  ['topology', '{lab,test/netns}/topologies/*.yaml'],
  ['policy', 'lab/policies/*.yaml'],
];

t.test('another implementation of JSON Schema takes the files that are valid', async (t) => {
  for (const [name, pattern] of FILES) {
    const schema = jsonSchema(name);
    const files = globSync(pattern, { cwd: ROOT });
    t.ok(files.length > 0, pattern);
    const instances = files.map((file) => ({
      name: file,
      schema,
      value: parse(readFileSync(join(ROOT, file), 'utf8')),
    }));
    t.strictSame(independentFaults(instances), []);
  }
});

const FLOW = { from: 'a', to: 'b:eth0', probe: 'ping', expect: { verdict: 'asymmetric' } };
const VALID = { title: 'x', topology: 'dual-isp', steps: [{ flows: [FLOW] }] };

/** A scenario that is valid but for a part of its flow. */
function withFlow(part: object): object {
  return { ...VALID, steps: [{ flows: [{ ...FLOW, ...part }] }] };
}

/** A scenario that is valid but for an interface of its topology. */
function withInterface(part: object): object {
  return { ...VALID, topology: { nodes: { a: { interfaces: { eth0: part } } } } };
}

const INVALID: Readonly<Record<string, object>> = {
  'a key of the file': { ...VALID, extra: 1 },
  'a key of a step': { ...VALID, steps: [{ extra: 1 }] },
  'a key of a flow': withFlow({ extra: 1 }),
  'a key of an expectation': withFlow({ expect: { verdict: 'asymmetric', extra: 1 } }),
  'a key in a list of expectations': withFlow({ expect: [{ verdict: 'asymmetric', extra: 1 }] }),
  'a verdict': withFlow({ expect: 'asymetric' }),
  'a verdict in a list': withFlow({ expect: ['asymetric'] }),
  'a number for an expectation': withFlow({ expect: 3 }),
  'a probe': withFlow({ probe: 'pong' }),
  'a protocol': withFlow({ probe: { protocol: 'pong' } }),
  'a family': withFlow({ family: 5 }),
  'a duration': withFlow({ probe: { protocol: 'ping', timeout: '3 minutes' } }),
  'a duration below 1': withFlow({ probe: { protocol: 'ping', timeout: 0 } }),
  'an endpoint': { ...VALID, steps: [{ event: { down: 'eth0' } }] },
  'no node': { ...VALID, steps: [{ apply: { policy: 'x' } }] },
  'no node in a list': { ...VALID, steps: [{ apply: [{ policy: 'x' }] }] },
  'a topology': { ...VALID, topology: { extnds: 'dual-isp' } },
  'an rp_filter': { ...VALID, topology: { nodes: { a: { rp_filter: 3 } } } },
  'an mtu': withInterface({ mtu: 'big' }),
  'a kind of interface': withInterface({ kind: 'vlann' }),
  'a key of another kind': withInterface({ kind: 'vlan', on: 'eth1', id: 10, ports: ['eth2'] }),
  'a key of a kind where none is given': withInterface({ on: 'eth1' }),
  'no key that a kind has to have': withInterface({ kind: 'vlan', on: 'eth1' }),
  'a name': { ...VALID, matrix: { '2x': [1] } },
};

t.test('what the format refuses, the JSON Schema refuses', async (t) => {
  const schema = jsonSchema('scenario');
  t.equal(scenarioFile.safeParse(VALID).success, true);
  t.strictSame(independentFaults([{ name: 'valid', schema, value: VALID }]), []);
  const instances = Object.entries(INVALID).map(([name, value]) => ({ name, schema, value }));
  const refused = new Set(independentFaults(instances).map(([name]) => name));
  for (const { name, value } of instances) {
    t.equal(scenarioFile.safeParse(value).success, false, name);
    t.ok(refused.has(name), `${name}, by another implementation`);
  }
});

t.test("an editor accepts a topology's parameter where another value stands later", async (t) => {
  const server = {
    profile: '$profile',
    rp_filter: '$rp_filter',
    forwarding: '$router',
    interfaces: { eth0: { mtu: '$mtu' }, eth1: { kind: 'vlan', on: '$on', id: '$id' } },
    policy: [{ ip: { rules: [{ preference: '$first', family: '$family', action: '$action' }] } }],
  };
  const topology = { nodes: { server } };
  t.strictSame(
    independentFaults([
      { name: 'topology', schema: jsonSchema('topology'), value: topology },
      { name: 'scenario', schema: jsonSchema('scenario'), value: { ...VALID, topology } },
    ]),
    [],
  );
});

t.test('completion finds no example that is a map where it looks for values', async (t) => {
  for (const name of ['scenario', 'topology', 'policy'] as const) {
    const parts = partsOf(jsonSchema(name)).filter(({ path }) => !/\/(then|else)$/.test(path));
    const maps = parts.filter(({ schema }) => /\{/.test(JSON.stringify(schema.examples ?? [])));
    t.strictSame(
      maps.map(({ path }) => path),
      [],
      name,
    );
    t.notMatch(
      schemaText(name),
      /"anyOf": \[\s*\{\s*("\$ref"|"type": "(object|array)")/,
      `${name}: decided by kind`,
    );
  }
});
