import { type Capture, type Packet, unpack } from './packets.js';
import type { ReportedFlow, ReportedScenario, ReportedStep } from './report.js';
import { END, START } from './rewrite.js';

/** A device of a node, as the node itself named it. */
export interface Device {
  readonly node: string;
  readonly name: string;
}

/** One lab as the observer saw it, before its captures are decoded. */
export interface Lab {
  readonly id: string;
  readonly captures: readonly Capture[];
  /** By layer-2 address. */
  readonly owners: ReadonlyMap<string, Device>;
  /** Those of `node:device`, in the order in which the node lists them. */
  readonly addresses: ReadonlyMap<string, readonly string[]>;
  readonly steps: readonly LabStep[];
  /** Why nothing may be concluded from the captures. */
  readonly faults: readonly string[];
}

export interface LabStep {
  readonly step: ReportedStep;
  /** When its flows began, in seconds since 1970. */
  readonly begin: number;
  /** Layer-2 addresses of the devices that were down then. */
  readonly down: ReadonlySet<string>;
}

interface Link {
  readonly flags: readonly string[];
  readonly ifname: string;
  readonly link_type: string;
  readonly address: string;
  readonly addr_info: readonly { readonly local?: string; readonly scope?: string }[];
}

/** The labs of a scenario: a fresh step began a new one. */
export function labsOf({ name, steps }: ReportedScenario): Lab[] {
  const starts = steps.flatMap(({ title }, i) => (title === START ? [i] : []));
  return starts.map((start, i) => labOf(`${name}#${i}`, steps.slice(start, starts[i + 1])));
}

function labOf(id: string, steps: readonly ReportedStep[]): Lab {
  const captures: Capture[] = [];
  const owners = new Map<string, Device>();
  const addresses = new Map<string, string[]>();
  const faults: string[] = [];
  for (const { title, commands } of steps) {
    for (const { node, message, exit, text } of commands) {
      for (const { address, ifname, addr_info } of linksIn(text, message)) {
        const owner = owners.get(address);
        if (owner !== undefined && (owner.node !== node || owner.name !== ifname)) {
          faults.push(`${address} is the address of ${owner.node}:${owner.name} and of ${node}:${ifname}`);
        }
        owners.set(address, { node, name: ifname });
        const endpoint = `${node}:${ifname}`;
        if (addresses.has(endpoint)) continue;
        const global = addr_info.filter(({ scope }) => scope === 'global');
        addresses.set(
          endpoint,
          global.flatMap(({ local }) => local ?? []),
        );
      }
      if (title === START && exit !== 0) faults.push(`${node}: ${text}: ${message}`);
      if (title !== END) continue;
      for (const [, device = '', log = '', pcap = ''] of message.matchAll(/^(\S+) (\S+) (\S+)$/gm)) {
        captures.push({ lab: id, node, device, pcap: unpack(pcap) });
        faults.push(...faultsOf(`${node}:${device}`, Buffer.from(log, 'base64').toString()));
      }
    }
  }
  const wanted = owners.size;
  if (captures.length < wanted) faults.push(`${captures.length} captures of ${wanted} devices`);
  const own = steps.filter(({ title }) => title !== START && title !== END);
  const labSteps = own.map((step) => ({ step, begin: timeOf(step), down: downIn(step) }));
  return { id, captures, owners, addresses, faults, steps: labSteps };
}

/** Devices with an address of layer 2, where a command said which there are. */
function linksIn(text: string, message: string): Link[] {
  if (text !== 'ip -j address') return [];
  const links: Link[] = JSON.parse(message);
  return links.filter(({ link_type }) => link_type === 'ether');
}

function downIn({ commands }: ReportedStep): Set<string> {
  const links = commands.flatMap(({ text, message }) => linksIn(text, message));
  return new Set(links.filter(({ flags }) => !flags.includes('UP')).map(({ address }) => address));
}

/** What tcpdump says at its end: that it missed nothing. */
function faultsOf(endpoint: string, log: string): string[] {
  const count = (words: string) => new RegExp(`(\\d+) packets? ${words}`).exec(log)?.[1];
  const [captured, received, dropped] = ['captured', 'received by filter', 'dropped by kernel'].map(count);
  if (captured !== undefined && captured === received && dropped === '0') return [];
  return [`the capture on ${endpoint} is not complete: ${log.trim()}`];
}

/** The time of day that the step's last event read. */
function timeOf({ commands }: ReportedStep): number {
  const mark = commands.findLast(({ text }) => text.startsWith('date +%s'));
  return Number(mark?.message ?? Number.NaN);
}

/** Addresses that `to` of a flow may stand for, and the node that has them. */
export function addressesOf(
  lab: Lab,
  { to, family }: Pick<ReportedFlow, 'to' | 'family'>,
): readonly string[] {
  const ofFamily = (address: string) => address.includes(':') === (family === 6);
  return lab.addresses.get(to)?.filter(ofFamily) ?? [to];
}

export function nodeWith(lab: Lab, to: string): string | null {
  if (lab.addresses.has(to)) return to.slice(0, to.indexOf(':'));
  for (const [endpoint, addresses] of lab.addresses) {
    if (addresses.includes(to)) return endpoint.slice(0, endpoint.indexOf(':'));
  }
  return null;
}

/** A lab during one step. */
export interface Scene {
  readonly lab: Lab;
  readonly down: ReadonlySet<string>;
}

/** Devices of a node by which frames left it or entered it, seen from everywhere but the judged node. */
export interface Passage {
  readonly leaving: (node: string) => Packet[];
  readonly entering: (node: string) => Packet[];
  readonly deviceOf: (address: string) => string;
}

/**
 * A packet that leaves the judged node is seen coming in at its peer, with the device's address as its layer-2
 * source; one that enters it is seen going out at the peer, with the device's address as its destination.
 * Another node says itself what came in. Nothing enters a device that is down, though on a segment the others
 * may send to it.
 */
export function passage({ lab, down }: Scene, at: string, packets: readonly Packet[]): Passage {
  const seen = packets.filter(({ capture }) => capture.node !== at);
  const owner = (address: string) => lab.owners.get(address);
  const wasSentHere = ({ capture, from }: Packet) =>
    owner(from)?.node === capture.node && owner(from)?.name === capture.device;
  return {
    leaving: (node) => seen.filter(({ from }) => owner(from)?.node === node),
    entering: (node) =>
      seen.filter((packet) => {
        if (owner(packet.to)?.node !== node || down.has(packet.to)) return false;
        return node === at ? wasSentHere(packet) : packet.capture.node === node && !wasSentHere(packet);
      }),
    deviceOf: (address) => owner(address)?.name ?? '',
  };
}
