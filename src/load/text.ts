/** What is no text, and where in what could be read of it. */
export interface ForeignText {
  readonly offset: number;
  readonly message: string;
  readonly hint: string;
}

/** The text of UTF-8 bytes, without a byte order mark, and why it is none where it is not. */
export function decode(bytes: Uint8Array): { text: string; fault: ForeignText | null } {
  const text = new TextDecoder('utf-8').decode(bytes);
  const fault = (offset: number, message: string, hint: string) => ({
    text,
    fault: { offset, message, hint },
  });
  const [first, second] = bytes;
  if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff)) {
    return fault(0, 'the file is UTF-16 text', 'Save it as UTF-8; `iconv -f UTF-16 -t UTF-8` does it.');
  }
  const zero = text.indexOf('\0');
  if (zero >= 0) return fault(zero, 'the file is binary: it has a zero byte here', 'Name a text file.');
  const invalid = firstInvalid(bytes);
  if (invalid === null) return { text, fault: null };
  const byte = `0x${(bytes[invalid] ?? 0).toString(16)}`;
  const before = new TextDecoder('utf-8').decode(bytes.subarray(0, invalid));
  return fault(
    before.length,
    `the file is not UTF-8 text: it has the byte ${byte} here`,
    'Save it as UTF-8; if it is Latin-1, `iconv -f ISO-8859-1 -t UTF-8` does it.',
  );
}

/** The index of the first byte that is not of a UTF-8 character; null where there is none. */
function firstInvalid(bytes: Uint8Array): number | null {
  if (isValid(bytes, false)) return null;
  let [valid, invalid] = [0, bytes.length];
  while (invalid - valid > 1) {
    const middle = (valid + invalid) >> 1;
    if (isValid(bytes.subarray(0, middle), true)) valid = middle;
    else invalid = middle;
  }
  return valid;
}

/** @param more whether the last character may be incomplete. */
function isValid(bytes: Uint8Array, more: boolean): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: more });
    return true;
  } catch {
    return false;
  }
}
