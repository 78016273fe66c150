/** Kernel: IFNAMSIZ is 16 with the closing zero; dev_valid_name() in net/core/dev.c. */
const MAXIMUM_INTERFACE_NAME = 15;

/**
 * Words that ip-link(8) and ip-address(8) look for where an interface name may stand. iproute2
 * also takes their beginnings: an interface called `s` is read as `scope`.
 */
const KEYWORDS = [
  'add',
  'address',
  'addrgenmode',
  'alias',
  'all',
  'allmulticast',
  'any',
  'anycast',
  'arp',
  'brd',
  'broadcast',
  'default',
  'dev',
  'down',
  'dynamic',
  'group',
  'help',
  'home',
  'index',
  'label',
  'link',
  'local',
  'master',
  'metric',
  'mode',
  'mtu',
  'multicast',
  'name',
  'netns',
  'nodad',
  'nomaster',
  'none',
  'numrxqueues',
  'numtxqueues',
  'peer',
  'permanent',
  'promisc',
  'protodown',
  'qlen',
  'scope',
  'set',
  'state',
  'temporary',
  'to',
  'trailers',
  'txqueuelen',
  'type',
  'up',
  'vf',
  'via',
  'vrf',
];

/** Why an interface name cannot be used; null where it can. */
export function interfaceNameFault(name: string): string | null {
  if (name === '') return 'is empty';
  if (name.length > MAXIMUM_INTERFACE_NAME)
    return `has ${name.length} characters, and the kernel takes ${MAXIMUM_INTERFACE_NAME}`;
  if (name === '.' || name === '..' || !/^[A-Za-z0-9._-]+$/.test(name) || name.startsWith('-')) {
    return 'has characters other than letters, digits, dots, _ and -';
  }
  if (name === 'lo') return 'is the loopback interface, which every node has already';
  const keyword = KEYWORDS.find((word) => word.startsWith(name));
  if (keyword === undefined) return null;
  return keyword === name
    ? 'is a keyword of iproute2'
    : `is read by iproute2 as an abbreviation of ${keyword}`;
}

/** Whether the kernel can have an interface of this name, whoever makes it. */
export function isInterfaceName(name: string): boolean {
  const isShort = Buffer.byteLength(name) <= MAXIMUM_INTERFACE_NAME;
  return isShort && name !== '.' && name !== '..' && /^[^\s/:\p{Cc}]+$/u.test(name);
}

/** Why a node name cannot be used; null where it can. It names a network namespace and is a host name (RFC 1123). */
export function nodeNameFault(name: string): string | null {
  if (name.length > 40) return `has ${name.length} characters, more than 40`;
  return /^[A-Za-z][A-Za-z0-9-]*$/.test(name) ? null : 'is not a letter followed by letters, digits and -';
}

/** Why a sysctl key cannot be used; null where it can. Keys outside net are not of a network namespace. */
export function sysctlKeyFault(key: string): string | null {
  if (!/^net[./]/.test(key)) return 'is not below net, so that it would change the machine';
  return /^[A-Za-z0-9_-]+([./][A-Za-z0-9_-]+)+$/.test(key) ? null : 'is not words with dots between them';
}
