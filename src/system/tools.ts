import { execa } from 'execa';
import type { Feature } from '../model/feature.js';
import { FIXED_PATH, findTool } from './path.js';

/** A program that labs are made with. */
export interface Tool {
  readonly name: string;
  /** Debian's and Ubuntu's package. */
  readonly package: string;
  /** Without a required tool no scenario can run. */
  readonly required: boolean;
  /** The arguments that make it print its version. */
  readonly versionArguments: readonly string[];
  /** What is there only with it. */
  readonly gives?: readonly Feature[];
}

export const TOOLS: readonly Tool[] = [
  { name: 'ip', package: 'iproute2', required: true, versionArguments: ['-V'] },
  { name: 'tcpdump', package: 'tcpdump', required: true, versionArguments: ['--version'] },
  { name: 'ping', package: 'iputils-ping', required: true, versionArguments: ['-V'] },
  { name: 'perl', package: 'perl-base', required: true, versionArguments: ['-v'] },
  { name: 'nft', package: 'nftables', required: false, versionArguments: ['-v'], gives: ['nftables'] },
  {
    name: 'iptables-restore',
    package: 'iptables',
    required: false,
    versionArguments: ['--version'],
    gives: ['iptables', 'ip6tables'],
  },
];

/** The required tools that this machine lacks; starts no process. */
export function missingTools(): string[] {
  return TOOLS.filter((tool) => tool.required && findTool(tool.name) === null).map((tool) => tool.name);
}

let versions: Promise<Record<string, string>> | undefined;

/** The version of each tool that is there; asked once per process, by one shell in about 30 ms. */
export function toolVersions(): Promise<Record<string, string>> {
  versions ??= askVersions();
  return versions;
}

async function askVersions(): Promise<Record<string, string>> {
  const present = TOOLS.filter((tool) => findTool(tool.name) !== null);
  const script = present
    .map((tool) => `${tool.name} ${tool.versionArguments.join(' ')}; printf '\\0'`)
    .join('\n');
  const { all } = await execa('sh', ['-c', script], {
    all: true,
    reject: false,
    stdin: 'ignore',
    timeout: 1000,
    cleanup: false,
    env: { PATH: FIXED_PATH, LC_ALL: 'C' },
    extendEnv: false,
  });
  const answers = all.split('\0').map(versionIn);
  const known = present.map((tool, index) => [tool.name, answers[index]] as const);
  return Object.fromEntries(known.filter((entry): entry is [string, string] => Boolean(entry[1])));
}

/**
 * The version in what a tool prints about itself: the first number with a dot or with the digits of a date,
 * as iputils (`20221126`) and older iproute2 (`ss200127`) count; null where there is none.
 */
export function versionIn(text: string): string | null {
  return /\d+(?:\.\d+)+|\d{6,8}/.exec(text)?.[0] ?? null;
}

/** Whether a version is older than another, number by number. */
export function isOlder(version: string, than: string): boolean {
  const [a, b] = [version, than].map((text) => text.split('.').map(Number));
  for (const [index, number] of (b ?? []).entries()) {
    const difference = (a?.[index] ?? 0) - number;
    if (difference !== 0) return difference < 0;
  }
  return false;
}
