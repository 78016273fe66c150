import type { Refusal } from '../../model/flow-result.js';

/** Type and code of RFC 792, RFC 1122 (3.2.2.1) and RFC 1812 (5.2.7.1). */
const ICMP: Readonly<Record<string, string>> = {
  '3/0': 'network unreachable',
  '3/1': 'host unreachable',
  '3/2': 'protocol unreachable',
  '3/3': 'port unreachable',
  '3/4': 'fragmentation needed',
  '3/9': 'network administratively prohibited',
  '3/10': 'host administratively prohibited',
  '3/13': 'administratively prohibited',
  '11/0': 'TTL exceeded',
};

/** Type and code of RFC 4443. */
const ICMP6: Readonly<Record<string, string>> = {
  '1/0': 'no route to destination',
  '1/1': 'administratively prohibited',
  '1/2': 'beyond scope of source address',
  '1/3': 'address unreachable',
  '1/4': 'port unreachable',
  '1/5': 'source address failed ingress or egress policy',
  '1/6': 'reject route to destination',
  '2/0': 'packet too big',
  '3/0': 'hop limit exceeded',
};

/** `TCP reset`, or `ICMP 3/1 host unreachable`. */
export function refusalText(refusal: Refusal): string {
  if (refusal.kind === 'tcp-reset') return 'TCP reset';
  const number = `${refusal.type ?? '?'}/${refusal.code ?? '?'}`;
  const [protocol, names] = refusal.kind === 'icmp' ? ['ICMP', ICMP] : ['ICMPv6', ICMP6];
  const name = names[number];
  return name === undefined ? `${protocol} ${number}` : `${protocol} ${number} ${name}`;
}
