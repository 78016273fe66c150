import { type KeyPath, OWN_KEY } from './keys.js';

/** A scenario in which a string stands at every key where one may. */
export const DOCUMENT = {
  title: 'x',
  source: { document: 'x' },
  claim: 'x',
  finding: { status: 'refined', text: 'x' },
  tags: ['x'],
  defaults: { timeout: '1s' },
  matrix: { word: ['x'] },
  topology: {
    title: 'x',
    params: { word: { values: ['x'], default: 'x', description: 'x' } },
    nodeUnderTest: 'a',
    nodes: {
      a: {
        interfaces: { eth0: { addresses: ['192.0.2.1/24'] }, eth1: { addresses: ['198.51.100.1/24'] } },
        routes: [
          { to: '203.0.113.0/24', via: '192.0.2.2', dev: 'eth0', src: '192.0.2.1', when: { word: 'x' } },
        ],
        sysctls: { 'net.ipv4.conf.eth0.arp_ignore': '0' },
        policy: [
          { policy: 'none' },
          { shell: 'true' },
          {
            ip: {
              tables: { uplink: 101 },
              routes: [
                {
                  ...{ to: '10.0.0.0/8', table: 'uplink', via: '192.0.2.2', dev: 'eth0', src: '192.0.2.1' },
                  ...{ scope: 'global', proto: 'static', tos: '0x10' },
                },
                { to: '10.0.0.0/8', nexthops: [{ via: '192.0.2.2', dev: 'eth0' }] },
              ],
              rules: [
                {
                  ...{
                    from: '192.0.2.1',
                    to: '10.0.0.0/8',
                    iif: 'lo',
                    oif: 'eth0',
                    fwmark: '1',
                    tos: '0x10',
                  },
                  ...{ ipproto: 'tcp', sport: '1-2', dport: '1-2', uidrange: '1-2', table: 'uplink' },
                },
              ],
            },
          },
          { sysctl: { 'net.ipv4.conf.eth0.arp_ignore': '0' } },
          { nft: 'table inet t {}' },
          { iptables: '*filter\nCOMMIT\n' },
          { ip6tables: '*filter\nCOMMIT\n' },
          { files: { '/etc/x': 'x', '/etc/y': { text: 'x', mode: '0644' } } },
          {
            process: {
              ...{ name: 'x', command: 'true', timeout: '1s' },
              ready: { output: 'x', file: '/run/x', socket: 'tcp/1', reaches: '192.0.2.1', shell: 'true' },
            },
          },
          { stop: 'x' },
          { restart: 'x' },
          { await: { file: '/run/x', socket: 'tcp/1', reaches: '192.0.2.1', shell: 'true', timeout: '1s' } },
        ],
      },
      b: {
        interfaces: { eth0: { addresses: ['192.0.2.2/24'] }, eth1: { addresses: ['198.51.100.2/24'] } },
      },
    },
    links: [['a:eth0', 'b:eth0']],
    segments: { lan: ['a:eth1', 'b:eth1'] },
  },
  steps: [
    {
      title: 'x',
      apply: [{ node: 'a', shell: 'ls x', timeout: '1s', expect: [{ line: 1, message: 'x' }] }],
      event: [{ down: 'a:eth1' }, { up: 'a:eth1' }, { shell: { node: 'a', script: 'true', timeout: '1s' } }],
      flows: [
        {
          ...{ title: 'x', from: 'a', to: 'b:eth0', probe: 'ping', at: 'a', answeredBy: 'b' },
          bind: { address: 'a:eth0', device: 'eth0' },
          expect: {
            verdict: 'symmetric',
            request: { in: 'eth0', out: 'eth0', nexthop: 'b:eth0' },
            reply: { in: 'eth0', out: 'eth0', nexthop: 'b:eth0', source: '192.0.2.2' },
            by: 'b',
            errno: 'EINVAL',
            lost: { node: 'a', interface: 'eth0' },
          },
        },
      ],
    },
  ],
};

type Holder = Record<string, unknown>;

/** The document with a text at one place; where the place is a map's own key, it is renamed. */
export function withText(document: unknown, [key, ...rest]: KeyPath, text: string): unknown {
  if (key === undefined) return text;
  if (Array.isArray(document) && key !== '[]')
    return replaced(document, indexOf(document, key), [key, ...rest], text);
  if (Array.isArray(document)) return replaced(document, indexOf(document, rest[0]), rest, text);
  const holder: Holder = typeof document === 'object' && document !== null ? (document as Holder) : {};
  const [first = ''] = Object.keys(holder);
  if (key === OWN_KEY) {
    const entries = Object.entries(holder).map(([name, value]) => [name === first ? text : name, value]);
    return Object.fromEntries(entries);
  }
  const name = key === '*' ? first : key;
  return { ...holder, [name]: withText(holder[name], rest, text) };
}

function replaced(list: readonly unknown[], at: number, rest: KeyPath, text: string): unknown[] {
  return list.map((item, index) => (index === at ? withText(item, rest, text) : item));
}

/** The first entry that has the key, else the first of all. */
function indexOf(list: readonly unknown[], key: string | undefined): number {
  const found = list.findIndex(
    (item) => typeof item === 'object' && item !== null && key !== undefined && key in item,
  );
  return Math.max(0, found);
}
