import type { Connection, ConnectionTuple } from '../../model/connection.js';

/** `router tracks udp, ASSURED, mark 0x2: 203.0.113.9:20000 → 198.51.100.10:80, answered 10.0.0.20:80 → 203.0.113.9:20000`. */
export function connectionText({ node, protocol, state, mark, original, reply }: Connection): string {
  const marked = mark === null || mark === 0 ? '' : `, mark 0x${mark.toString(16)}`;
  const turned = `${end(original.destination, original.destinationPort)} → ${end(original.source, original.sourcePort)}`;
  const answered = wayText(reply) === turned ? '' : `, answered ${wayText(reply)}`;
  return `${node}: ${protocol} ${state}${marked}, ${wayText(original)}${answered}`;
}

function wayText({ source, sourcePort, destination, destinationPort }: ConnectionTuple): string {
  return `${end(source, sourcePort)} → ${end(destination, destinationPort)}`;
}

function end(address: string, port: number | null): string {
  if (port === null) return address;
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}
