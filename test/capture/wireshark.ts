import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';

/** What tshark says whatever it reads. */
const AS_ROOT = 'Running as user "root" and group "root". This could be dangerous.\n';

/** Runs a program of Wireshark's, which has to find nothing wrong. */
export function wireshark(program: 'tshark' | 'capinfos', args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(program, args, { encoding: 'utf8', maxBuffer: 1 << 28 });
  assert.equal(stderr.replace(AS_ROOT, ''), '', `${program} ${args.join(' ')}`);
  assert.equal(status, 0, `${program} ${args.join(' ')}`);
  return stdout;
}

/** By field, of each packet: all that tshark has of it. */
export function packetFields(file: string, fields: readonly string[]): Record<string, readonly string[]>[] {
  const named = fields.flatMap((field) => ['-e', field]);
  const text = wireshark('tshark', ['-n', '-r', file, '-T', 'json', ...named]);
  const packets: { _source: { layers: Record<string, readonly string[]> } }[] = JSON.parse(text);
  return packets.map(({ _source }) => _source.layers);
}
