import type { FileToWrite } from '../model/policy.js';
import { readStanzas } from './interfaces-file.js';
import type { ProgramEnd } from './tool.js';
import type { ScriptCommand } from './transcript.js';

interface Place {
  readonly file: string;
  readonly line: number;
}

/**
 * What `ifup -v` or `ifdown -v` printed, command by command. It says each command before that runs; what stands between
 * is what the command printed. Of a failure it says on which interface, and so of which command, but not its status: what
 * is told is its own.
 */
export function readVerbose(
  program: string,
  which: readonly string[],
  { exit, stdout, stderr }: ProgramEnd,
  files: readonly FileToWrite[],
): readonly ScriptCommand[] {
  const text = [program, ...which].join(' ');
  const places = placesOf(files);
  const commands: ScriptCommand[] = [];
  const own: string[] = [];
  let stanza = '';
  for (const line of `${stderr}\n${stdout}`.split('\n').map((each) => each.trim().replaceAll(/\s+/g, ' '))) {
    const [, device, family] =
      /^if(?:up|down): configuring interface (\S+?)(?:=\S+)? \((\S+)\)$/.exec(line) ?? [];
    if (device !== undefined) stanza = `${device} ${family}`;
    if (line === '' || device !== undefined || line.startsWith('run-parts ')) continue;
    const isFailure = /^if(?:up|down): failed to bring (?:up|down) /.test(line);
    const last = commands.at(-1);
    if (isFailure && last !== undefined) commands.splice(-1, 1, { ...last, exit, failed: true });
    else if (/^if(?:up|down|query): /.test(line)) own.push(line);
    else {
      const place = placeOf(places, stanza, line);
      if (place !== null) commands.push({ ...place, text: line, exit: 0, message: '', failed: false });
      else if (last === undefined) own.push(line);
      else commands.splice(-1, 1, { ...last, message: `${last.message}\n${line}`.trim() });
    }
  }
  const isTold = exit === 0 || commands.some(({ failed }) => failed);
  const [, file, at] = /(\/\S+?):(\d+): /.exec(own.join('\n')) ?? [];
  const where = file === undefined ? {} : { file };
  return [
    { line: Number(at ?? 1), ...where, text, exit, message: own.join('\n'), failed: !isTold },
    ...commands,
  ];
}

/** By stanza and by what ifup prints: the place of what has it run that. */
type Places = ReadonlyMap<string, readonly (readonly [printed: string, place: Place])[]>;

/** Options that the tool's own commands come of, by a part of the command; all others are of the stanza's head. */
const OF_OPTIONS = { address: /^ip (-6 )?addr add /, gateway: /^ip (-6 )?route add default via / } as const;

function placesOf(files: readonly FileToWrite[]): Places {
  const found = new Map<string, [string, Place][]>();
  for (const { path, text } of files) {
    for (const { interface: device, family, options, line } of readStanzas(text)) {
      const key = `${device} ${family}`;
      const places = found.get(key) ?? [];
      found.set(key, places);
      for (const option of options)
        places.push([option.value.replaceAll(/\s+/g, ' '), { file: path, line: option.line }]);
      for (const option of options) places.push([`${option.name}:`, { file: path, line: option.line }]);
      places.push(['', { file: path, line }]);
    }
  }
  return found;
}

/** Null for what is no command. */
function placeOf(places: Places, stanza: string, printed: string): Place | null {
  const here = places.get(stanza) ?? [];
  const find = (key: string) => here.find(([text]) => text === key)?.[1] ?? null;
  const word = Object.entries(OF_OPTIONS).find(([, pattern]) => pattern.test(printed))?.[0];
  const verbatim = find(printed);
  if (verbatim !== null) return verbatim;
  if (word !== undefined) return find(`${word}:`) ?? find('');
  return BUILT_IN.test(printed) ? (find('') ?? { file: '/etc/network/interfaces', line: 1 }) : null;
}

/** How the commands of its own methods begin. */
const BUILT_IN =
  /^(ip|dhclient|\/?\S*\/(dhclient|settle-dad\.sh|wait-for-ll6\.sh)|sysctl|modprobe|kill|test)(?: |$)/;
