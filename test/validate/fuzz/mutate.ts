import fc from 'fast-check';
import { parse, stringify } from 'yaml';

/** One change to a file, as bytes. What it does to a given file follows from it alone. */
export type Mutation = (file: Buffer) => Buffer;

/** Far more than any format has, less than what a run has time for. */
const DEEP = 5_000;
const LONG = 'x'.repeat(20_000);

const ODD_TEXTS = [
  ...['', '~', 'null', 'true', '-1', '0', '1e999', '.nan', '.inf', '0x10', '0777', '99999999999999999999'],
  ...['__proto__', 'constructor', 'toString', 'valueOf', '<<', '*a', '&a', '!!str', '!x', '%', '@', '`'],
  ...['|', '>', '|2', '? ', '- ', ': ', '---', '...', '# ', '[', ']', '{', '}', ',', '"', "'", '\\', '\t'],
  ...[
    '$isp',
    '$',
    '$(id)',
    '`id`',
    ';',
    '\n',
    '\r\n',
    '\r',
    '\0',
    '\u0085',
    '\u2028',
    '\u200b',
    '\u202e',
    '\ufeff',
  ],
  ...[
    '😀',
    'e\u0301',
    'server:eth1',
    'server',
    'eth1',
    'server:eth1/net',
    '192.0.2.1',
    '192.0.2.1/33',
    '2001:db8::/64',
  ],
  ...[
    '::',
    '1.2.3',
    '4',
    '6',
    'ping',
    'tcp/0',
    'symmetric',
    './x.yaml',
    './',
    '../..',
    '/dev/zero',
    '/',
    'none',
    LONG,
  ],
  ...['when: { family: 4 }', '{ when: { isp: open } }', '&a [*a]', '"\\uD800"', '"\\0"', "'''", '[[[[[['],
  '['.repeat(DEEP),
] as const;

const ODD_VALUES: readonly (() => unknown)[] = [
  ...[
    null,
    true,
    0,
    -1,
    1.5,
    1e21,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    4,
    6,
    '',
    [],
    {},
    [[]],
    [null],
    LONG,
  ].map((value) => () => value),
  ...ODD_TEXTS.map((value) => () => value),
  () => ({ when: { isp: 'open' } }),
  () => ({ when: null }),
  () => ({ when: { family: [4, 6], nothing: {} } }),
  () => ({ ['__proto__']: 1, constructor: { prototype: {} } }),
  () => Array.from({ length: 300 }, (_, i) => i),
  () => nested(50),
  () => nested(200),
];

const index = fc.nat(1_000_000);

const bytes = fc.record({ index, removed: fc.nat(8), inserted: fc.uint8Array({ maxLength: 8 }) }).map(
  ({ index, removed, inserted }): Mutation =>
    (file) => {
      const at = index % (file.length + 1);
      return Buffer.concat([file.subarray(0, at), inserted, file.subarray(at + removed)]);
    },
);

const lines = pieces(/(?<=\n)/, ['', '\n', '---\n', '\t', '    ', '# \n', '- ', 'a: &a 1\n']);
const tokens = pieces(/(?<=[\s,:[\]{}])|(?=[\s,:[\]{}])/, ODD_TEXTS);

/** Changes to the pieces into which text falls: one is left out, doubled, replaced, or changes places. */
function pieces(separator: RegExp, odd: readonly string[]): fc.Arbitrary<Mutation> {
  const deed = fc.constantFrom('delete', 'duplicate', 'swap', 'replace', 'insert');
  return fc.record({ deed, index, other: index, value: fc.constantFrom(...odd) }).map(
    ({ deed, index, other, value }): Mutation =>
      (file) => {
        const parts = file.toString('latin1').split(separator);
        const [one, two] = [index % parts.length, other % parts.length];
        const text = Buffer.from(value).toString('latin1');
        const [a = '', b = ''] = [parts[one], parts[two]];
        if (deed === 'delete') parts.splice(one, 1);
        if (deed === 'duplicate') parts.splice(one, 0, a);
        if (deed === 'replace') parts[one] = text;
        if (deed === 'insert') parts.splice(one, 0, text);
        if (deed === 'swap') Object.assign(parts, { [one]: b, [two]: a });
        return Buffer.from(parts.join(''), 'latin1');
      },
  );
}

/** A value or a key of the YAML tree becomes another; a file that is no YAML stays as it is. */
const tree = fc
  .record({
    index,
    isKey: fc.boolean(),
    value: fc.constantFrom(...ODD_VALUES),
    key: fc.constantFrom(...ODD_TEXTS),
  })
  .map(
    ({ index, isKey, value, key }): Mutation =>
      (file) => {
        try {
          const root: Holder = {
            file: parse(file.toString('utf8'), { maxAliasCount: 100, logLevel: 'silent' }) as unknown,
          };
          const holders = holdersIn(root);
          const [holder, name] = holders[index % holders.length] ?? [root, 'file'];
          if (!isKey) Object.assign(holder, { [name]: value() });
          else if (!Array.isArray(holder)) {
            Object.defineProperty(holder, key, { value: holder[name], enumerable: true, configurable: true });
          }
          return Buffer.from(stringify(root.file, { aliasDuplicateObjects: false }));
        } catch {
          return file;
        }
      },
  );

type Holder = Record<string, unknown>;

/** Every map and list with every one of its keys. */
function holdersIn(value: unknown): (readonly [Holder, string])[] {
  if (typeof value !== 'object' || value === null) return [];
  const holder = value as Holder;
  return Object.keys(holder).flatMap((key) => [[holder, key] as const, ...holdersIn(holder[key])]);
}

function nested(depth: number): unknown {
  let value: unknown = 1;
  for (let i = 0; i < depth; i++) value = i % 2 === 0 ? [value] : { a: value };
  return value;
}

/** One file of many, changed a few times. */
export function mutated<Seed extends { readonly content: Buffer }>(
  seeds: readonly Seed[],
): fc.Arbitrary<{ readonly seed: Seed; readonly content: Buffer }> {
  const mutation = fc.oneof(bytes, lines, tokens, tokens, tree, tree);
  return fc
    .record({
      seed: fc.constantFrom(...seeds),
      mutations: fc.array(mutation, { minLength: 1, maxLength: 4 }),
    })
    .map(({ seed, mutations }) => ({
      seed,
      content: mutations.reduce((file, mutate) => mutate(file), seed.content),
    }));
}
