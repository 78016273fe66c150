import type { z } from 'zod';

/** Where a string may stand in a format: `[]` for any entry of a list, `*` for any key of a map. */
export type KeyPath = readonly string[];

/** A map's own key. */
export const OWN_KEY = '{}';

/** Every place in a format where a string may stand, once each; words that are one of a few are no such place. */
export function stringKeys(format: z.core.$ZodType): KeyPath[] {
  const found = new Map<string, KeyPath>();
  const seen = new Set<z.core.$ZodType>();
  const visit = (given: z.core.$ZodType, path: KeyPath): void => {
    const { def } = (given as z.core.$ZodTypes)._zod;
    if (def.type === 'string') {
      found.set(path.join('.'), path);
      return;
    }
    if (def.type === 'object' || def.type === 'record') {
      if (seen.has(given)) return;
      seen.add(given);
    }
    switch (def.type) {
      case 'object':
        for (const [key, part] of Object.entries(def.shape)) visit(part, [...path, key]);
        break;
      case 'array':
        visit(def.element, [...path, '[]']);
        break;
      case 'tuple':
        for (const item of def.items) visit(item, [...path, '[]']);
        break;
      case 'record':
        visit(def.keyType, [...path, OWN_KEY]);
        visit(def.valueType, [...path, '*']);
        break;
      case 'union':
        for (const option of def.options) visit(option, path);
        break;
      case 'optional':
      case 'nullable':
        visit(def.innerType, path);
        break;
      case 'enum':
      case 'literal':
      case 'number':
      case 'boolean':
        break;
      default:
        throw new Error(`${path.join('.')} is a ${def.type}, and nobody said how to look into it`);
    }
  };
  visit(format, []);
  return [...found.values()];
}
