import type { z } from 'zod';

type Frozen<T> = T extends object ? { readonly [K in keyof T]: Frozen<T[K]> } : T;
/** Identity of types: mutual assignability would overlook an optional member that one of them lacks. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

/** Whether what a schema gives is a type of src/model. */
export type Agree<S extends z.ZodType, M> = Same<Frozen<z.output<S>>, Frozen<M>>;
