/** Configuration tools that a `configure` can name, with what each is run by. */
export const TOOLS = {
  script: 'a boot script, run as the system would: /etc/rc.local, /etc/local.d/*.start',
  cron: 'the cron of Debian, started as at a boot, with /etc/crontab and /etc/cron.d',
  ifupdown: 'ifup and ifdown of Debian, with /etc/network/interfaces',
  netifrc: "Gentoo's /etc/conf.d/net, translated to the commands that netifrc makes of it",
  'ppp-hooks': 'ppp links of the topology, with ip-up and ip-down as pppd runs them',
  dhclient: 'a DHCP client for each interface, with its hooks',
  openvpn: 'an OpenVPN for each of its configurations',
} as const;

export type ToolName = keyof typeof TOOLS;

/** What a tool's files ask for beside what the kernel then has. */
export interface Configured {
  readonly node: string;
  readonly tool: ToolName;
  /** How many addresses, routes and rules its files ask for, as far as they say it without being run. */
  readonly asked: number;
  /** Asked for and not there, each as its file has it: `/etc/network/interfaces:12: ip rule add …`. */
  readonly ignored: readonly string[];
  /** There, not asked for, and not there before. */
  readonly added: readonly string[];
}
