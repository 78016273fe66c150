# shellcheck shell=bash
# reports/b11-to-rule
begin
ask ping 198.51.100.10 eth1 eth0
ask tcp 198.51.100.10 eth1 eth0
ask udp 198.51.100.10 eth1 eth0
ip -n server -batch - <<'END'
route add 198.51.100.0/24 dev eth1 src 198.51.100.10 table 1
route add default via 198.51.100.1 dev eth1 table 1
rule add to 198.51.100.10/32 table 1
END
ask ping 198.51.100.10 eth1 eth0
ask tcp 198.51.100.10 eth1 eth0
ask udp 198.51.100.10 eth1 eth0
ip netns exec server sysctl -q -w net.ipv4.conf.all.rp_filter=1
unanswered ping 198.51.100.10
unanswered tcp 198.51.100.10
ip -n server rule add from 198.51.100.10/32 table 1
ask ping 198.51.100.10 eth1 eth1
ask tcp 198.51.100.10 eth1 eth1
ask udp 198.51.100.10 eth1 eth1
ip -n server rule del to 198.51.100.10/32 table 1
ask ping 198.51.100.10 eth1 eth1
ask tcp 198.51.100.10 eth1 eth1
ask udp 198.51.100.10 eth1 eth1
ip -n server rule add to 198.51.100.10/32 blackhole
ask ping 198.51.100.10 eth1 eth1
ask tcp 198.51.100.10 eth1 eth1
ask udp 198.51.100.10 eth1 eth1
ip -n server rule add from all lookup local preference 32766
ip -n server rule del from all lookup local preference 0
unanswered ping 198.51.100.10
unanswered tcp 198.51.100.10
unanswered udp 198.51.100.10
end
