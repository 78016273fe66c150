import fc from 'fast-check';
import t from 'tap';
import { binomialBounds } from '../../src/judge/bounds.js';

/** C(n, k) a^k (b - a)^(n - k) for each k, of b^n: the binomial distribution with p = a/b in whole numbers. */
function distribution(n: number, a: bigint, b: bigint): bigint[] {
  const counts: bigint[] = [];
  let choose = 1n;
  for (let k = 0; k <= n; k++) {
    counts.push(choose * a ** BigInt(k) * (b - a) ** BigInt(n - k));
    choose = (choose * BigInt(n - k)) / BigInt(k + 1);
  }
  return counts;
}

t.test('what is outside is as unlikely as was asked, and not less wide than it has to be', async (t) => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 300 }), fc.integer({ min: 1, max: 99 }), (n, percent) => {
      const inverse = 1_000_000n;
      const { least, most } = binomialBounds(n, percent / 100, 1 - 1e-6);
      const counts = distribution(n, BigInt(percent), 100n);
      const all = 100n ** BigInt(n);
      const below = (k: number) => counts.slice(0, k).reduce((sum, count) => sum + count, 0n);
      const above = (k: number) => counts.slice(k + 1).reduce((sum, count) => sum + count, 0n);
      const isRare = (count: bigint) => count * 2n * inverse <= all;
      return (
        isRare(below(least)) && !isRare(below(least + 1)) && isRare(above(most)) && !isRare(above(most - 1))
      );
    }),
    { numRuns: 200, seed: 1 },
  );
  t.pass();
});

t.test('none, all, and a tail by hand', async (t) => {
  t.strictSame(binomialBounds(200, 0, 0.999999), { least: 0, most: 0 });
  t.strictSame(binomialBounds(200, 1, 0.999999), { least: 200, most: 200 });
  // Of ten coins fewer than two heads: 11 of 1024, 1.07 %; fewer than three: 56, 5.5 %.
  t.strictSame(binomialBounds(10, 0.5, 0.95), { least: 2, most: 8 });
  t.strictSame(binomialBounds(2000, 0.5, 0.999999), { least: 891, most: 1109 });
  t.strictSame(binomialBounds(10_000, 0.0001, 0.999999).least, 0);
});
