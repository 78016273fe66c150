import t from 'tap';
import { milliseconds } from '../../src/format/common.js';
import { jsonSchemas } from '../../src/format/json-schema.js';
import { scenarioFile } from '../../src/format/scenario.js';

type Json = { [key: string]: Json } & { description?: unknown; additionalProperties?: unknown };

t.test('durations', async (t) => {
  t.equal(milliseconds(250), 250);
  t.equal(milliseconds('300ms'), 300);
  t.equal(milliseconds('2s'), 2000);
  t.equal(milliseconds('1.5s'), 1500);
});

t.test('JSON Schemas: closed objects, described keys', async (t) => {
  const schemas = jsonSchemas() as unknown as Record<string, Json>;
  t.strictSame(Object.keys(schemas), ['scenario', 'topology', 'policy']);
  for (const [kind, schema] of Object.entries(schemas)) {
    t.equal(schema.$schema as unknown, 'https://json-schema.org/draft/2020-12/schema', kind);
    t.equal(schema.additionalProperties, false, kind);
    const undescribed = Object.entries(schema.properties ?? {}).filter(
      ([, value]) => (value as Json).description === undefined,
    );
    t.strictSame(
      undescribed.map(([key]) => key),
      [],
      `every key of a ${kind} is described`,
    );
  }
});

t.test("an editor accepts a topology's parameter where another value stands later", async (t) => {
  const { topology } = jsonSchemas() as unknown as { topology: Json };
  const text = JSON.stringify(topology.properties);
  const node = JSON.parse(text).nodes.additionalProperties.anyOf[0].properties;
  t.match(JSON.stringify(node.profile), /"pattern":"\^\\\\\$/);
  t.match(JSON.stringify(node.rp_filter), /"pattern":"\^\\\\\$/);
  t.match(JSON.stringify(node.forwarding), /"pattern":"\^\\\\\$/);
});

t.test('unknown keys are errors at every level', async (t) => {
  const valid = {
    title: 'x',
    topology: 'dual-isp',
    steps: [{ flows: [{ from: 'a', to: 'b:eth0', probe: 'ping', expect: { verdict: 'asymmetric' } }] }],
  };
  t.equal(scenarioFile.safeParse(valid).success, true);
  t.equal(scenarioFile.safeParse({ ...valid, extra: 1 }).success, false);
  const [step] = valid.steps;
  const [flow] = step!.flows;
  t.equal(scenarioFile.safeParse({ ...valid, steps: [{ ...step, extra: 1 }] }).success, false);
  t.equal(scenarioFile.safeParse({ ...valid, steps: [{ flows: [{ ...flow, extra: 1 }] }] }).success, false);
  const expect = { ...flow!.expect, extra: 1 };
  t.equal(scenarioFile.safeParse({ ...valid, steps: [{ flows: [{ ...flow, expect }] }] }).success, false);
});
