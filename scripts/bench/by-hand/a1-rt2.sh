# shellcheck shell=bash
# recipes/a1-rt2
begin
ask ping 192.0.2.10 eth0 eth0
ask ping 198.51.100.10 eth1 eth0
ask tcp 198.51.100.10 eth1 eth0
ask udp 198.51.100.10 eth1 eth0
ask udp 198.51.100.10 eth1 eth0
ip -n server -batch - <<'END'
rule add from 198.51.100.10/32 table 1
rule add to 198.51.100.10/32 table 1
END
ask ping 198.51.100.10 eth1 eth0
end

begin
ip -n server -batch - <<'END'
route add 198.51.100.0/24 dev eth1 src 198.51.100.10 table 1
route add default via 198.51.100.1 dev eth1 table 1
rule add from 198.51.100.10/32 table 1
rule add to 198.51.100.10/32 table 1
END
ask ping 192.0.2.10 eth0 eth0
ask ping 198.51.100.10 eth1 eth1
ask tcp 198.51.100.10 eth1 eth1
ask udp 198.51.100.10 eth1 eth1
ask udp 198.51.100.10 eth1 eth1
end
