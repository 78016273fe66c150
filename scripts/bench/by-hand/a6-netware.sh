# shellcheck shell=bash
# recipes/a6-netware, once its script is one that runs
begin
ask ping 192.0.2.10 eth0 eth0
ask ping 198.51.100.10 eth1 eth0
ask tcp 198.51.100.10 eth1 eth0
ask udp 198.51.100.10 eth1 eth0
ip -n server -force -batch - 2>/dev/null <<'END' || true
route add 192.0.2.0/24 dev eth0 src 192.0.2.10 table 250
route add 198.51.100.0/24 dev eth1 src 198.51.100.10 table 251
route add default via 192.0.2.1 table 250
route add default via 198.51.100.1 table 251
route add 192.0.2.0/24 dev eth0 src 192.0.2.10
route add 198.51.100.0/24 dev eth1 src 198.51.100.10
route add default via 192.0.2.1
rule add from 192.0.2.10 table 250
rule add from 198.51.100.10 table 251
END
ask ping 192.0.2.10 eth0 eth0
ask tcp 192.0.2.10 eth0 eth0
ask udp 192.0.2.10 eth0 eth0
ask ping 198.51.100.10 eth1 eth1
ask tcp 198.51.100.10 eth1 eth1
ask udp 198.51.100.10 eth1 eth1
end
