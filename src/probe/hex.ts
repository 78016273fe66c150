import { parseAddress } from '../net/address.js';

/** An address as the agent reads it: 8 or 32 hexadecimal digits. */
export function addressToHex(text: string): string {
  const address = parseAddress(text);
  if (address === null) throw new Error(`not an address: ${text}`);
  return address.value.toString(16).padStart(address.family === 4 ? 8 : 32, '0');
}
