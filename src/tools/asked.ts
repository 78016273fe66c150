import type { FileToWrite } from '../model/policy.js';
import { type IpCommand, readIpCommand } from '../net/ip-command.js';

/** An address, a route or a rule that a line of a tool's file asks for. */
export interface Asked {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** As the file has it. */
  readonly text: string;
  readonly command: IpCommand;
}

/** What a line asks for that is, or comes to, a command for ip(8); nothing where that is not known. */
export function askedBy(
  place: { readonly file: string; readonly line: number },
  text: string,
  command = text,
): Asked[] {
  // What a shell is to work out is not known before.
  const read = /[$`]/.test(command) ? null : readIpCommand(command);
  return read === null ? [] : [{ ...place, text: text.trim(), command: read }];
}

/** The commands for ip(8) that stand in a script's lines, each on its own. What depends on variables is not known. */
export function askedByScript({ path, text }: FileToWrite): Asked[] {
  return text.split('\n').flatMap((line, i) => {
    const command = line.replace(/\s+#.*$/, '').replace(/\s*(\|\||&&|;|>|2>).*$/, '');
    return askedBy({ file: path, line: i + 1 }, line, command);
  });
}
