# shellcheck shell=bash
# reports/b13-other-service, without the ports at which nobody listens
begin
ask tcp 198.51.100.10 eth1 eth0
ask tcp 198.51.100.10 eth1 eth0
ip -n server -batch - <<'END'
route add 198.51.100.0/24 dev eth1 src 198.51.100.10 table 101
route add default via 198.51.100.1 dev eth1 table 101
rule add from 198.51.100.10 table 101 preference 101
END
ask tcp 198.51.100.10 eth1 eth1
ask tcp 198.51.100.10 eth1 eth1
end
