# shellcheck shell=bash
# recipes/a7-split-access, without what the server begins
begin
ask ping 192.0.2.10 eth0 eth0
ask ping 198.51.100.10 eth1 eth0
ask tcp 198.51.100.10 eth1 eth0
ask udp 198.51.100.10 eth1 eth0
ip -n server -batch - <<'END'
route add 192.0.2.0/24 dev eth0 src 192.0.2.10 table 252
route add default via 192.0.2.1 dev eth0 src 192.0.2.10 table 252
route add 198.51.100.0/24 dev eth1 src 198.51.100.10 table 251
route add default via 198.51.100.1 dev eth1 src 198.51.100.10 table 251
rule add from 192.0.2.10 table 252
rule add from 198.51.100.10 table 251
END
ask ping 192.0.2.10 eth0 eth0
ask tcp 192.0.2.10 eth0 eth0
ask ping 198.51.100.10 eth1 eth1
ask tcp 198.51.100.10 eth1 eth1
ask udp 198.51.100.10 eth1 eth1
end
