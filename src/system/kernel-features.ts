import { createHash } from 'node:crypto';
import { existsSync, statSync } from 'node:fs';
import { FEATURES, type Feature } from '../model/feature.js';
import type { Need, ToolNeed } from '../model/need.js';
import { isRootless } from './enter.js';
import { findTool } from './path.js';
import type { Sandbox, SandboxNode } from './sandbox.js';
import { isOlder, TOOLS, type Tool, versionIn } from './tools.js';
import { hasUnpacked } from './unpacked.js';

/** What every lab is made with, by the names that `doctor` has for it. */
const FOUNDATIONS = ['veth', 'bridge'] as const;

export type Foundation = (typeof FOUNDATIONS)[number];

/** What one attempt in a throwaway lab showed. */
export interface FeatureAttempt {
  readonly name: Feature | Foundation | 'capture' | 'tcpdump capture';
  /** The tool's first line of complaint; null where the attempt succeeded. */
  readonly complaint: string | null;
}

/** What a need of a scenario came to. */
export interface NeedAnswer {
  readonly need: Need;
  /** What is missing, or the tool's first line of complaint; null where nothing is. */
  readonly complaint: string | null;
}

/**
 * For all attempts together: far above the tenths of a second that they take. An emulated guest on a machine that is busy
 * took 20 s for them, and one that does not answer in time has all its scenarios skipped.
 */
const TRY_MS = 60_000;

/** The complaint where it took longer: that says nothing of the feature. */
export const NO_ANSWER = `no answer within ${TRY_MS} ms`;

/** The ends of a link to try things on, and commands that report how an attempt went. */
const PREPARATION = `
try() {
  name=$1; shift
  if complaint=$("$@" 2>&1); then echo "works|$name"; else printf 'fails|%s|%s\\n' "$name" "$(printf '%s' "$complaint" | head -n 1)"; fi
}
version() {
  name=$1; shift
  for option do
    said=$(timeout 5 "$name" "$option" 2>&1 </dev/null | head -n 5 | tr '\n|' '  ')
    case $said in *[0-9].[0-9]*) break ;; esac
  done
  echo "version|$name|$said"
}
capture() {
  bytes=$({ tcpdump -n -Z root --immediate-mode -U -i any -w - 2>/run/complaint & } | {
    head -c 24 >/dev/null
    ping -n -q -c 1 -W 1 127.0.0.1 >/dev/null
    head -c 40 | wc -c
  })
  [ "$bytes" -eq 40 ] || { grep -v -e 'data link type' -e listening /run/complaint; false; }
}
link() { ip link add "$@"; }
multipath() {
  ip link set dev v0 up && ip link set dev v1 up && ip route add 203.0.113.0/24 nexthop dev v0 nexthop dev v1
}
connmark() {
  if command -v nft >/dev/null; then nft 'table inet m { chain c { type route hook output priority -150; meta mark set ct mark; }; }'
  else iptables -t mangle -A OUTPUT -j CONNMARK --restore-mark; fi
}
ip link set dev lo up
`;

const COMMANDS: Readonly<Record<Feature | Foundation | 'tcpdump capture', string>> = {
  veth: 'link name v0 type veth peer name v1',
  bridge: 'link name b0 type bridge',
  // A capture counts when a packet is in it: tcpdump writes the 24 bytes of the file's header (pcap-savefile(5))
  // before it changes its user, which can fail.
  'tcpdump capture': 'capture',
  ipv6: 'ip address add 2001:db8::1/64 dev lo nodad',
  'policy-routing': 'ip rule add fwmark 1 table 100',
  'ipv6-policy-routing': 'ip -6 rule add fwmark 1 table 100',
  multipath: 'multipath',
  nftables: "nft 'table inet t { chain c { type filter hook input priority 0; }; }'",
  iptables: 'iptables -t mangle -A OUTPUT -j MARK --set-mark 1',
  ip6tables: 'ip6tables -t mangle -A OUTPUT -j MARK --set-mark 1',
  connmark: 'connmark',
  tun: 'ip tuntap add dev t0 mode tun',
  vlan: 'link link v0 name v0.7 type vlan id 7',
  vrf: 'link name vrf0 type vrf table 10',
  vxlan: 'link name vx0 type vxlan id 7 dstport 4789',
  macvlan: 'link link v0 name mv0 type macvlan',
  gre: 'link name g0 type gre local 192.0.2.1 remote 192.0.2.2',
  wireguard: 'link name wg0 type wireguard',
  dummy: 'link name du0 type dummy',
  bond: 'link name bo0 type bond',
  ifb: 'link name if0 type ifb',
  netem: 'tc qdisc add dev v1 root netem delay 1ms',
  mptcp: 'ip mptcp endpoint show',
  ifupdown: 'ip link show',
  cron: 'ip link show',
};

/** A kernel without IPv6, or with `ipv6.disable=1`, has no such folder: inet6_init() in net/ipv6/af_inet6.c. */
const IPV6_SYSCTLS = '/proc/sys/net/ipv6/conf';

/** Features that a Debian package of their name gives without being installed, and the program of each. */
const PACKAGES = { ifupdown: 'ifup', cron: 'cron' } as const;

function isOfPackage(need: Need): need is keyof typeof PACKAGES {
  return typeof need === 'string' && need in PACKAGES;
}

/**
 * What can be told of a need without trying it: a complaint where it is missing; null where it is there;
 * undefined where it has to be tried. Starts no process.
 */
export function foundAbout(need: Need): string | null | undefined {
  if (need === 'root') return isRootless() ? 'this is an ordinary user' : null;
  if (need === 'ipv6') return existsSync(IPV6_SYSCTLS) ? null : 'the kernel has none, or it is switched off';
  if (isOfPackage(need)) {
    const program = PACKAGES[need];
    return hasUnpacked(need, program)
      ? null
      : `${program} is neither installed nor in the cache, where scripts/run unpacks it`;
  }
  if (typeof need !== 'string') {
    if (findTool(need.tool) === null) return `${need.tool} is not installed`;
    return need.oldest === null ? null : undefined;
  }
  const absent = absentTool(need);
  return absent === undefined ? undefined : `${absent.name} is not installed`;
}

/** Whether what is missing is a program, for a need that is missing. Starts no process. */
export function isOfPrograms(need: Need): boolean {
  return typeof need !== 'string' || isOfPackage(need) || (need !== 'root' && absentTool(need) !== undefined);
}

/** The tool that gives a feature, where it is not there. */
export function absentTool(feature: Feature): Tool | undefined {
  return TOOLS.find(({ name, gives }) => gives?.includes(feature) && findTool(name) === null);
}

/**
 * Tries what scenarios need in a lab of its own, which is thrown away. Each feature is tried because none can be
 * told from the kernel's version: it may be a module that is not there, or be refused by a container. What a tool
 * does when it is asked for its version stays in that lab too.
 *
 * @throws SandboxError where no lab can be made
 */
export async function tryNeeds(sandbox: Sandbox, needs: readonly Need[]): Promise<NeedAnswer[]> {
  const features = needs.filter((need) => typeof need === 'string' && need !== 'root');
  const tools = needs.filter((need) => typeof need !== 'string');
  return inThrowawayLab(sandbox, async (node) => {
    const attempts = features.length === 0 ? [] : await tryCommands(node, ['veth', ...features]);
    const complaints = new Map(attempts.map(({ name, complaint }) => [name, complaint]));
    return [
      ...features.map((need) => ({ need, complaint: complaints.get(need) ?? null })),
      ...(tools.length === 0 ? [] : await askTools(node, tools)),
    ];
  });
}

/** Whether tools are as new as they have to be. */
async function askTools(node: SandboxNode, needs: readonly ToolNeed[]): Promise<NeedAnswer[]> {
  const lines = needs.map(({ tool }) => {
    const known = TOOLS.find(({ name }) => name === tool)?.versionArguments;
    return `version '${tool}' ${(known ?? VERSION_OPTIONS).join(' ')}`;
  });
  const { stdout } = await node.agent.run(['/bin/sh', '-c', `${PREPARATION}${lines.join('\n')}\n`], {
    timeoutMs: TRY_MS,
  });
  const said = new Map(
    stdout.split('\n').flatMap((line) => {
      const [kind, tool = '', text = ''] = line.split('|');
      return kind === 'version' ? [[tool, versionIn(text)] as const] : [];
    }),
  );
  return needs.map((need) => ({ need, complaint: complaintOf(need, said.get(need.tool) ?? null) }));
}

/** By which most programs say their version, in the order in which they are tried. */
const VERSION_OPTIONS = ['--version', '-V', '-v'];

function complaintOf({ tool, oldest }: ToolNeed, version: string | null): string | null {
  if (version === null) return `${tool} does not say its version, and ${oldest} is needed`;
  return oldest !== null && isOlder(version, oldest) ? `${tool} is ${version}, older than ${oldest}` : null;
}

/**
 * Another text where features are tried in another way or with other tools, so that what was found out before
 * counts no more.
 */
export function attemptsDigest(): string {
  const tools = TOOLS.map(({ name }) => {
    const path = findTool(name);
    const { size, mtimeMs } = path === null ? { size: 0, mtimeMs: 0 } : statSync(path);
    return [path, size, mtimeMs];
  });
  return createHash('sha256')
    .update(JSON.stringify([PREPARATION, COMMANDS, tools]))
    .digest('hex');
}

/** Tries what every lab needs, all features and both ways of capturing; as {@link tryNeeds}. */
export async function tryEverything(sandbox: Sandbox): Promise<FeatureAttempt[]> {
  const features = Object.keys(FEATURES) as Feature[];
  return inThrowawayLab(sandbox, async (node) => {
    const errno = await node.agent.captureHere(65_535);
    const capture = {
      name: 'capture',
      complaint: errno === null ? null : `packet socket: ${errno}`,
    } as const;
    // What a path tells is said in the same words as by a run.
    const told = new Map(features.map((name) => [name, foundAbout(name)]));
    const open = features.filter((name) => typeof told.get(name) !== 'string');
    const attempts = new Map(
      (await tryCommands(node, ['tcpdump capture', ...FOUNDATIONS, ...open])).map((one) => [one.name, one]),
    );
    const names = ['tcpdump capture', ...FOUNDATIONS, ...features] as const;
    return [
      capture,
      ...names.map((name) => attempts.get(name) ?? { name, complaint: told.get(name as Feature) ?? null }),
    ];
  });
}

async function inThrowawayLab<T>(sandbox: Sandbox, use: (node: SandboxNode) => Promise<T>): Promise<T> {
  const lab = await sandbox.openLab([{ name: 'doctor', ownFiles: true }]);
  try {
    const [node] = lab.nodes.values();
    if (node === undefined) throw new Error('a lab of one node has none');
    node.capture.resume();
    return await use(node);
  } finally {
    await lab.close();
  }
}

async function tryCommands(
  node: SandboxNode,
  names: readonly (keyof typeof COMMANDS)[],
): Promise<FeatureAttempt[]> {
  const lines = names.map((name) => `try '${name}' ${COMMANDS[name]}`);
  const script = `${PREPARATION}${lines.join('\n')}\n`;
  const { stdout } = await node.agent.run(['/bin/sh', '-c', script], { timeoutMs: TRY_MS });
  const answers = new Map(stdout.split('\n').map(readAnswer));
  return names.map((name) => {
    const answer = answers.get(name);
    return { name, complaint: answer === undefined ? NO_ANSWER : answer };
  });
}

/** A name, and a complaint or null. */
function readAnswer(line: string): readonly [name: string, complaint: string | null] {
  const [outcome, name = '', ...complaint] = line.split('|');
  return [name, outcome === 'works' ? null : complaint.join('|').trim() || 'does not work'];
}
