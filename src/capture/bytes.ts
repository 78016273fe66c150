/** Reads a big-endian 16-bit number; the caller has checked the length. */
export function u16(bytes: Uint8Array, offset: number): number {
  return ((bytes[offset] ?? 0) << 8) | (bytes[offset + 1] ?? 0);
}

/** Reads a big-endian 32-bit number, unsigned; the caller has checked the length. */
export function u32(bytes: Uint8Array, offset: number): number {
  return u16(bytes, offset) * 0x10000 + u16(bytes, offset + 2);
}

/** Reads one byte; 0 beyond the end. */
export function u8(bytes: Uint8Array, offset: number): number {
  return bytes[offset] ?? 0;
}
