import { z } from 'zod';

export const scalar = z.union([z.string(), z.number(), z.boolean()]);

export const name = z
  .string()
  .regex(/^[A-Za-z][A-Za-z0-9_-]*$/, 'must be a letter, then letters, digits, _ or -');

export const endpoint = z
  .string()
  .regex(/^[^:\s/]+:[^:\s/]+$/, 'must be written node:interface, for example server:eth1');

export const family = z.union([z.literal(4), z.literal(6)]);

export const duration = z
  .union([
    z.int().positive(),
    z.string().regex(/^[0-9]+(\.[0-9]+)?(ms|s)$/, 'must be milliseconds, or text such as 300ms or 2s'),
  ])
  .describe('Milliseconds as a number, or text with a unit: 300ms, 2s.');

/** A duration in milliseconds. */
export function milliseconds(value: z.infer<typeof duration>): number {
  if (typeof value === 'number') return value;
  return value.endsWith('ms') ? Number(value.slice(0, -2)) : Number(value.slice(0, -1)) * 1000;
}

export const when = z
  .record(z.string(), z.union([scalar, z.array(scalar).min(1)]))
  .describe(
    'Use this entry only in variants where each key (a topology parameter, a matrix key, or family) has the value, or one of the values, given.',
  );

export const text = z.string().min(1);

export const metric = z
  .int()
  .min(0)
  .max(4294967295)
  .describe('Preference among routes to one prefix; lower first.');
