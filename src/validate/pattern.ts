import type { Mark } from '../load/source.js';
import type { Faults } from './faults.js';

/** Text between slashes is a regular expression. */
export function pattern(text: string, at: Mark, faults: Faults): string | RegExp {
  const body = /^\/(.+)\/(i?)$/s.exec(text);
  if (body === null) return text;
  try {
    return new RegExp(body[1] ?? '', body[2]);
  } catch {
    faults.add(
      at,
      'bad-pattern',
      `${text} is not a regular expression`,
      'Correct it, or remove the slashes for plain text.',
    );
    return text;
  }
}
