import type { ExpectationInput } from '../format/expectation.js';
import { markAt, type Tree } from '../load/tree.js';
import type { Expectation } from '../model/scenario.js';
import { parseAddress } from '../net/address.js';
import { parseEndpoint } from './network.js';
import { checkInterface, checkPassage, type ExpectationContext } from './passage.js';
import { present } from './present.js';
import { expectedSpreadOf } from './spread.js';
import { expectedStreamOf } from './stream.js';

type Path = readonly PropertyKey[];

/** The long form of what the author wrote; entries whose `when` does not hold have been left out. */
export function expectationOf(
  tree: Tree,
  path: Path,
  input: ExpectationInput,
  context: ExpectationContext,
): Expectation | null {
  if (typeof input === 'string') {
    return { verdict: input, intended: false, ...(input === 'symmetric' ? { sameNexthop: true } : {}) };
  }
  if (Array.isArray(input)) {
    const [first] = input;
    if (first !== undefined) return expectationOf(tree, [...path, 0], first, context);
    const hint = 'Add an entry without `when` at the end of the list.';
    context.faults.add(
      markAt(tree, path, true),
      'no-expectation',
      'no entry of this list applies to every variant',
      hint,
    );
    return null;
  }
  const { request, reply, by, lost } = input;
  checkPassage(tree, [...path, 'request'], request, context);
  checkPassage(tree, [...path, 'reply'], reply, context);
  if (by !== undefined) context.network.checkNode(by, markAt(tree, [...path, 'by']), context.faults);
  if (lost?.node !== undefined) {
    const known = context.network.checkNode(
      lost.node,
      markAt(tree, [...path, 'lost', 'node']),
      context.faults,
    );
    if (known && lost.interface !== undefined)
      checkInterface(tree, [...path, 'lost', 'interface'], [lost.node], lost.interface, context);
  }
  const source =
    reply?.source === undefined
      ? undefined
      : addressOf(tree, [...path, 'reply', 'source'], reply.source, context);
  if (source === null) return null;
  return present({
    verdict: input.verdict,
    request: request && present(request),
    reply: reply && present({ ...reply, source }),
    sameNexthop: input.sameNexthop,
    by,
    errno: input.errno,
    lost: lost && present(lost),
    cause: input.cause,
    stream:
      input.stream &&
      expectedStreamOf([...path, 'stream'], input.stream, (at, passage) =>
        checkPassage(tree, at, passage, context),
      ),
    spread: input.spread && expectedSpreadOf(tree, [...path, 'spread'], input.spread, context),
    intended: input.intended ?? false,
  });
}

/** The address that a literal or an endpoint reference means in a family; null, reported, where there is none. */
export function addressOf(
  tree: Tree,
  path: Path,
  text: string,
  { network, faults, family }: Pick<ExpectationContext, 'network' | 'faults' | 'family'>,
): string | null {
  const at = markAt(tree, path);
  const literal = parseAddress(text);
  if (literal !== null) {
    if (literal.family === family) return literal.text;
    const hint = `Write an IPv${family} address, or node:interface, which fits both families.`;
    faults.add(at, 'mixed-families', `${literal.text} stands in a flow of IPv${family}`, hint);
    return null;
  }
  if (parseEndpoint(text) === null) {
    faults.add(at, 'bad-address', `${text} is neither an address nor node:interface`, 'Correct it.');
    return null;
  }
  const endpoint = network.endpoint(text, at, faults);
  if (endpoint === null) return null;
  const address = network.firstAddress(endpoint, family);
  if (address !== null) return address.address;
  faults.add(
    at,
    'no-address-of-family',
    `${text} has no IPv${family} address`,
    `Restrict the flow with family: ${family === 4 ? 6 : 4}.`,
  );
  return null;
}
