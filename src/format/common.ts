import { z } from 'zod';

const scalar = z.union([z.string(), z.number(), z.boolean()]);

export const name = z
  .string()
  .regex(/^[A-Za-z][A-Za-z0-9_-]*$/, 'must be a letter, then letters, digits, _ or -');

export const endpoint = z
  .string()
  .regex(/^[^:\s/]+:[^:\s/]+$/, 'must be written node:interface, for example server:eth1');

/** One of some words, each with what it means. */
export function choice<const Word extends string>(meanings: Readonly<Record<Word, string>>) {
  return z.enum(Object.keys(meanings) as Word[]).meta({ enumDescriptions: Object.values<string>(meanings) });
}

export const family = z.union([z.literal(4).describe('IPv4'), z.literal(6).describe('IPv6')]);

export const duration = z.union([
  z.int().positive(),
  z.string().regex(/^[0-9]+(\.[0-9]+)?(ms|s)$/, 'must be milliseconds, or text such as 300ms or 2s'),
]);

/** A duration in milliseconds. */
export function milliseconds(value: z.infer<typeof duration>): number {
  if (typeof value === 'number') return value;
  return value.endsWith('ms') ? Number(value.slice(0, -2)) : Number(value.slice(0, -1)) * 1000;
}

/** What a map's own keys are, which editors say where they offer to write one. */
export function keyed(what: string, key = z.string()) {
  return key.meta({ title: what });
}

export const when = z.record(keyed('key'), z.union([scalar, z.array(scalar).min(1)])).meta({
  description:
    'Only in variants where each key (a topology parameter, a matrix key, or family) has the value, or one of the values, given.',
  examples: [{ family: 4 }, { isp: 'bcp38' }, { rp_filter: [1, 2] }],
});

export const text = z.string().min(1);

export const metric = z
  .int()
  .min(0)
  .max(4294967295)
  .meta({ description: 'Preference among routes to one prefix; lower first.', examples: [100] });

export const sysctls = z.record(keyed('sysctl'), scalar).meta({
  description: 'Sysctl keys below net. with their values.',
  examples: [{ 'net.ipv4.conf.all.rp_filter': 2 }],
});
