/** A path as an editor or a compiler writes it: `file.yaml`, `file.yaml:12` or `file.yaml:12:5`. */
export interface PathWithLine {
  readonly path: string;
  /** From 1; null where the path has none. */
  readonly line: number | null;
}

/** Takes the line off a path. The column is not needed: no two steps stand on one line. */
export function pathWithLine(text: string): PathWithLine {
  const parts = /^(.+?):([1-9][0-9]{0,6})(?::[0-9]+)?$/s.exec(text);
  return parts === null ? { path: text, line: null } : { path: parts[1] ?? '', line: Number(parts[2]) };
}
