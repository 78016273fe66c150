/*
 * The types of this folder are those of the objects that YAML files hold, to write them by; docs/scenario-format.md says what
 * each key means. With these a file fails to compile where its types and the schemas of src/format differ: each has to take
 * what the other does.
 */

type Plain<T> = T extends object ? { readonly [K in keyof T]: Plain<Exclude<T[K], undefined>> } : T;
export type Agree<A, B> = [Plain<A>] extends [Plain<B>]
  ? [Plain<B>] extends [Plain<A>]
    ? true
    : false
  : false;
/** Assignability overlooks an optional key that one of the types lacks. */
export type SameKeys<A, B> = [keyof A] extends [keyof B]
  ? [keyof B] extends [keyof A]
    ? true
    : false
  : false;
export type Element<T> = T extends readonly (infer E)[] ? E : never;
export type Value<T> = NonNullable<T extends Readonly<Record<string, infer V>> ? V : never>;
