/** Values that keys of the variant have to have for an entry to count: each key one value, or one of several. */
export type When = Readonly<Record<string, Scalar | readonly Scalar[]>>;

export type Scalar = string | number | boolean;

/** Milliseconds as a number, or text with a unit: `'300ms'`, `'2s'`. */
export type Duration = number | string;

/** Sysctl keys below `net.` with their values. */
export type SysctlsInput = Readonly<Record<string, Scalar>>;
