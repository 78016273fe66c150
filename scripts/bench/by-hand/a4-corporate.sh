# shellcheck shell=bash
# recipes/a4-corporate, with a strict reverse-path filter
begin
ip -n server route replace default via 198.51.100.1 dev eth1
ip netns exec server sysctl -q -w net.ipv4.conf.all.rp_filter=1
ask ping 198.51.100.10 eth1 eth1
unanswered ping 192.0.2.10
unanswered tcp 192.0.2.10
unanswered udp 192.0.2.10
ip -n server -batch - <<'END'
route add 192.0.2.0/24 dev eth0 src 192.0.2.10 table 1
route add default via 192.0.2.1 dev eth0 table 1
rule add from 192.0.2.10/32 table 1
rule add to 192.0.2.10/32 table 1
END
ask ping 198.51.100.10 eth1 eth1
ask ping 192.0.2.10 eth0 eth0
ask tcp 192.0.2.10 eth0 eth0
ask udp 192.0.2.10 eth0 eth0
end
