/** Version of the Internet Protocol. */
export type Family = 4 | 6;
