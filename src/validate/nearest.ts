/** `Did you mean x?` for a name close to known ones, else the list of them. */
export function suggestion(name: string, known: readonly string[], otherwise: string): string {
  const near = nearest(name, known);
  if (near.length > 0) return `Did you mean ${near.join(' or ')}?`;
  const all = [...new Set(known)];
  return all.length > 0 && all.length <= 30 ? `${otherwise} Known: ${all.join(', ')}.` : otherwise;
}

/** The names at the smallest distance, where that is small for the length of the name; at most three. */
export function nearest(name: string, known: readonly string[]): string[] {
  const allowed = name.length < 3 ? 0 : Math.max(1, Math.floor(name.length / 3));
  const distances = [...new Set(known)].map((candidate) => ({
    candidate,
    distance: editDistance(name.toLowerCase(), candidate.toLowerCase()),
  }));
  const smallest = Math.min(allowed, ...distances.map(({ distance }) => distance));
  const near = distances.filter(({ distance }) => distance === smallest).map(({ candidate }) => candidate);
  return near.length <= 3 ? near : [];
}

/** Insertions, deletions, substitutions and swaps of neighbours (optimal string alignment). */
export function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const change = a[row - 1] === b[column - 1] ? 0 : 1;
      let cost = Math.min(
        (last[column] ?? 0) + 1,
        (current[column - 1] ?? 0) + 1,
        (last[column - 1] ?? 0) + change,
      );
      if (row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1]) {
        cost = Math.min(cost, (beforeLast[column - 2] ?? 0) + 1);
      }
      current.push(cost);
    }
    beforeLast = last;
    last = current;
  }
  return last[b.length] ?? 0;
}
