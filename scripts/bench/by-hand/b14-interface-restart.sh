# shellcheck shell=bash
# reports/b14-interface-restart
begin
ip -n server -batch - <<'END'
rule add from 198.51.100.10/32 table 1
route add 198.51.100.0/24 dev eth1 proto kernel scope link src 198.51.100.10 table 1
route add default via 198.51.100.1 dev eth1 table 1
END
ask ping 198.51.100.10 eth1 eth1
ask tcp 198.51.100.10 eth1 eth1
ip -n server link set dev eth1 down
ip -n server link set dev eth1 up
ip -n isp2 neigh flush dev lan
ip -n server rule show from 198.51.100.10 | grep -q 'lookup 1'
[[ -z $(ip -n server route show table 1) ]]
ip -n server route show dev eth1 | grep -q '^198.51.100.0/24'
ask ping 198.51.100.10 eth1 eth0
ip -n server -batch - <<'END'
route add 198.51.100.0/24 dev eth1 proto kernel scope link src 198.51.100.10 table 1
route add default via 198.51.100.1 dev eth1 table 1
END
ask ping 198.51.100.10 eth1 eth1
ask tcp 198.51.100.10 eth1 eth1
end
