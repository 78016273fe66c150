#!/usr/bin/python3
"""scripts/bench/mininet.py TIMES

The dual-isp lab with split access by Mininet, and two pings through it; no captures. Addresses, routes and rules
go to each node by one `ip -batch`, the quickest way.

It wants to be called in mount, network and PID namespaces of its own, with /proc/sys read-only but for
/proc/sys/net: scripts/bench/mininet.sh does it.
"""

import sys

# This file would be found in place of the package that it is named after.
sys.path.pop(0)

from mininet.net import Mininet  # noqa: E402

NODES = {
    'server': """
address add 192.0.2.10/24 dev eth0
address add 2001:db8:a::10/64 dev eth0 nodad
address add 198.51.100.10/24 dev eth1
address add 2001:db8:b::10/64 dev eth1 nodad
route add default via 192.0.2.1 dev eth0
route add default via 2001:db8:a::1 dev eth0
route add 198.51.100.0/24 dev eth1 src 198.51.100.10 table 101
route add default via 198.51.100.1 dev eth1 table 101
route add 2001:db8:b::/64 dev eth1 table 101
route add default via 2001:db8:b::1 dev eth1 table 101
rule add from 198.51.100.10 table 101 preference 101
""",
    'isp1': """
address add 192.0.2.1/24 dev lan
address add 2001:db8:a::1/64 dev lan nodad
address add 100.64.1.2/30 dev wan
address add 2001:db8:f1::2/64 dev wan nodad
route add default via 100.64.1.1 dev wan
route add default via 2001:db8:f1::1 dev wan
""",
    'isp2': """
address add 198.51.100.1/24 dev lan
address add 2001:db8:b::1/64 dev lan nodad
address add 100.64.2.2/30 dev wan
address add 2001:db8:f2::2/64 dev wan nodad
route add default via 100.64.2.1 dev wan
route add default via 2001:db8:f2::1 dev wan
""",
    'internet': """
address add 100.64.1.1/30 dev isp1
address add 2001:db8:f1::1/64 dev isp1 nodad
address add 100.64.2.1/30 dev isp2
address add 2001:db8:f2::1/64 dev isp2 nodad
address add 203.0.113.1/24 dev edge
address add 2001:db8:c::1/64 dev edge nodad
route add 192.0.2.0/24 via 100.64.1.2 dev isp1
route add 198.51.100.0/24 via 100.64.2.2 dev isp2
route add 2001:db8:a::/64 via 2001:db8:f1::2 dev isp1
route add 2001:db8:b::/64 via 2001:db8:f2::2 dev isp2
""",
    'client': """
address add 203.0.113.9/24 dev eth0
address add 2001:db8:c::9/64 dev eth0 nodad
route add default via 203.0.113.1 dev eth0
route add default via 2001:db8:c::1 dev eth0
""",
}
ROUTERS = ('isp1', 'isp2', 'internet')
LINKS = (
    ('server', 'eth0', 'isp1', 'lan'),
    ('server', 'eth1', 'isp2', 'lan'),
    ('isp1', 'wan', 'internet', 'isp1'),
    ('isp2', 'wan', 'internet', 'isp2'),
    ('internet', 'edge', 'client', 'eth0'),
)


def ping(node, address):
    # On a busy machine a veth may discard the first packets after it was set up.
    for _ in range(20):
        said = node.cmd(f'ping -n -q -c 1 -W 1 {address}')
        if ' 0% packet loss' in said:
            return
    sys.exit(f'{address}: {said}')


def lab():
    net = Mininet(controller=None)
    for name in NODES:
        net.addHost(name, ip=None)
    for one, device, other, peer in LINKS:
        net.addLink(net[one], net[other], intfName1=device, intfName2=peer)
    net.start()
    try:
        for name, batch in NODES.items():
            with open('/run/batch', 'w', encoding='ascii') as file:
                file.write(batch)
            said = net[name].cmd('ip -batch /run/batch')
            if said.strip():
                sys.exit(f'{name}: {said}')
        net['server'].cmd('ip -6 rule add from 2001:db8:b::10 table 101 preference 101')
        for name in ROUTERS:
            net[name].cmd('sysctl -q -w net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1')
        for address in ('192.0.2.10', '198.51.100.10'):
            ping(net['client'], address)
    finally:
        net.stop()


# What it would do first is raise limits of the whole machine.
Mininet.inited = True
for _ in range(int(sys.argv[1])):
    lab()
