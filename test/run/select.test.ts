import t from 'tap';
import type { Scenario } from '../../src/model/scenario.js';
import { baseName, repeat } from '../../src/run/repetition.js';
import { EVERYTHING, knownOf, type Selection, select } from '../../src/run/select.js';
import type { InvalidScenario } from '../../src/validate/validate.js';

function scenario(id: string, cell = '', tags: readonly string[] = []): Scenario {
  return {
    id,
    name: cell === '' ? id : `${id} [${cell}]`,
    file: `scenarios/${id}.yaml`,
    title: id,
    tags,
    source: null,
    claim: null,
    finding: null,
    lesson: null,
    variant: {},
    parameters: {},
    requires: [],
    topology: { name: 'none', nodes: [], segments: [], links: [], nodeUnderTest: null },
    steps: [],
  };
}

function invalidFile(id: string, names: InvalidScenario['names'], tags: InvalidScenario['tags']) {
  return { id, file: `scenarios/${id}.yaml`, names, tags, diagnostics: [] };
}

const scenarios = [
  scenario('recipes/a1', 'isp=open family=4', ['rules', 'slow']),
  scenario('recipes/a1', 'isp=open family=6', ['rules', 'slow']),
  scenario('recipes/a1', 'isp=bcp38 family=4', ['rules', 'slow']),
  scenario('reports/b2', '', ['marks']),
  scenario('reports/b10'),
];

function names(selection: Partial<Selection>, invalid: readonly InvalidScenario[] = []): string[] {
  const selected = select({ scenarios, invalid }, { ...EVERYTHING, ...selection });
  return [...selected.scenarios.map(({ name }) => name), ...selected.invalid.map(({ id }) => id)];
}

const ALL = scenarios.map(({ name }) => name);

t.test('names: grep, its inverse and those of the last run', async (t) => {
  t.strictSame(names({}), ALL);
  t.strictSame(names({ grep: /isp=open/ }), ALL.slice(0, 2));
  t.strictSame(names({ grepInvert: /^recipes/ }), ['reports/b2', 'reports/b10']);
  t.strictSame(names({ grep: /isp/, grepInvert: /family=4/ }), ['recipes/a1 [isp=open family=6]']);
  const last = new Set(['recipes/a1 [isp=bcp38 family=4]', 'reports/b2', 'gone']);
  t.strictSame(names({ names: last }), ['recipes/a1 [isp=bcp38 family=4]', 'reports/b2']);
  t.strictSame(names({ names: last, grep: /b2/ }), ['reports/b2']);
  t.strictSame(names({ names: new Set(['recipes/a1']) }), ALL.slice(0, 3), 'an id stands for its variants');
  t.strictSame(names({ names: new Set() }), []);
});

t.test('tags: any of them, and none of those with an exclamation mark', async (t) => {
  t.strictSame(names({ tags: ['marks', 'rules'] }), ALL.slice(0, 4));
  t.strictSame(names({ tags: ['!slow'] }), ALL.slice(3));
  t.strictSame(names({ tags: ['rules', 'marks', '!slow'] }), ['reports/b2']);
  t.strictSame(names({ tags: ['rule'] }), [], 'a tag is a whole word');
});

t.test('an invalid file is judged by what can be read of it', async (t) => {
  const readable = invalidFile('bad', ['bad [family=4]', 'bad [family=6]'], ['marks']);
  const unreadable = invalidFile('worse', null, null);
  const invalid = [readable, unreadable];
  const broken = (selection: Partial<Selection>) =>
    select({ scenarios: [], invalid }, { ...EVERYTHING, ...selection }).invalid.map(({ id }) => id);
  t.strictSame(broken({}), ['bad', 'worse']);
  t.strictSame(broken({ grep: /family=6/ }), ['bad'], 'it would have such a variant');
  t.strictSame(broken({ grepInvert: /family=6/ }), ['bad', 'worse'], 'and one without');
  t.strictSame(broken({ grepInvert: /family/ }), ['worse']);
  t.strictSame(broken({ tags: ['marks'] }), ['bad', 'worse'], 'nobody knows the tags of the other');
  t.strictSame(broken({ tags: ['slow'] }), ['worse']);
  t.strictSame(broken({ names: new Set(['bad [family=6]']) }), ['bad'], 'it was valid in the last run');
  t.strictSame(broken({ names: new Set(['worse']) }), ['worse']);
});

t.test('shards: each scenario is in one of them, whatever the order in which files were named', async (t) => {
  const bad = invalidFile('bad', null, null);
  for (const count of [1, 2, 3, 6, 7]) {
    const shards = Array.from({ length: count }, (_, index) =>
      names({ shard: { index: index + 1, count } }, [bad]),
    );
    t.strictSame(shards.flat().sort(), [...ALL, 'bad'].sort(), `${count} shards`);
    const sizes = shards.map(({ length }) => length);
    t.ok(Math.max(...sizes) - Math.min(...sizes) <= 1, 'of the same size');
  }
  const shard = { index: 2, count: 3 };
  const reversed = select({ scenarios: scenarios.toReversed(), invalid: [] }, { ...EVERYTHING, shard });
  t.strictSame(reversed.scenarios.map(({ name }) => name).sort(), names({ shard }).sort());
  t.strictSame(
    names({ shard: { index: 1, count: 2 }, grep: /^reports/ }).length,
    1,
    'the parts are those of what the rest selects',
  );
});

t.test('an empty shard is not the same as nothing selected', async (t) => {
  const shard = { index: 9, count: 9 };
  const isEmpty = (selection: Partial<Selection>) =>
    select({ scenarios, invalid: [] }, { ...EVERYTHING, ...selection }).emptyShard;
  t.equal(isEmpty({ shard }), true);
  t.equal(isEmpty({ shard, grep: /nothing/ }), false);
  t.equal(isEmpty({ shard: { index: 1, count: 9 } }), false);
  t.equal(isEmpty({ grep: /nothing/ }), false);
});

t.test('repetitions have names of their own, and lead back to the one name', async (t) => {
  const repeated = repeat(scenarios.slice(2, 4), 3);
  t.strictSame(
    repeated.map(({ scenario }) => scenario.name),
    ['recipes/a1 [isp=bcp38 family=4]', 'reports/b2'].flatMap((name) => [name, `${name} #2`, `${name} #3`]),
  );
  t.strictSame(
    repeated.map(({ scenario: { name }, repetition }) => baseName({ name, repetition })),
    ['recipes/a1 [isp=bcp38 family=4]', 'reports/b2'].flatMap((name) => [name, name, name]),
  );
  t.equal(baseName({ name: 'odd #2', repetition: 1 }), 'odd #2', 'a file may be called so');
  t.strictSame(
    repeat(scenarios, 1).map(({ scenario }) => scenario),
    scenarios,
  );
});

t.test('what is known, for suggestions', async (t) => {
  const known = knownOf({ scenarios, invalid: [invalidFile('bad', null, ['nat', 'marks'])] });
  t.strictSame(known.tags, ['rules', 'slow', 'marks', 'nat']);
  t.strictSame(known.names, [...ALL, 'bad']);
});
