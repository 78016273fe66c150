/**
 * The text with which the payload of every probe over UDP and TCP begins: `rp`, the flow's token, `q` for a
 * request or `r` for a reply, and the number of the request in four digits.
 */
const PREFIX = 'rp';
const TOKEN_LENGTH = 16;
const NUMBER_LENGTH = 4;

/** Bytes that the text takes: the least size of a probe over UDP or TCP. */
export const PAYLOAD_TEXT_LENGTH = PREFIX.length + TOKEN_LENGTH + 1 + NUMBER_LENGTH;

export type PayloadKind = 'q' | 'r';

export interface ProbePayload {
  readonly token: string;
  readonly kind: PayloadKind;
  /** From 1. */
  readonly number: number;
}

/** The text for request or reply `number` (1 to 9999) of the flow with that token (16 hexadecimal digits). */
export function payloadText(token: string, kind: PayloadKind, number: number): string {
  return `${PREFIX}${token}${kind}${String(number).padStart(NUMBER_LENGTH, '0')}`;
}

const PATTERN = new RegExp(`^${PREFIX}([0-9a-f]{${TOKEN_LENGTH}})([qr])([0-9]{${NUMBER_LENGTH}})$`);

/** Reads the text at the start of a payload; null where there is none. */
export function parsePayload(data: Uint8Array): ProbePayload | null {
  if (data.length < PAYLOAD_TEXT_LENGTH || data[0] !== 0x72 || data[1] !== 0x70) return null;
  const text = String.fromCharCode(...data.subarray(0, PAYLOAD_TEXT_LENGTH));
  const [, token, kind, number] = PATTERN.exec(text) ?? [];
  if (token === undefined || (kind !== 'q' && kind !== 'r') || number === undefined) return null;
  return { token, kind, number: Number(number) };
}
