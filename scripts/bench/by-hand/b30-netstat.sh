# shellcheck shell=bash
# reports/b30-netstat, without netstat and route
begin
ip -n server route >"${folder:?}/ip-route"
ip -n server rule >"${folder:?}/ip-rule"
ip -n server route get 203.0.113.9 from 198.51.100.10 | grep -q 'dev eth0'
ask ping 198.51.100.10 eth1 eth0
ip -n server -batch - <<'END'
route add 198.51.100.0/24 dev eth1 src 198.51.100.10 table 1
route add default via 198.51.100.1 dev eth1 table 1
rule add from 198.51.100.10/32 table 1
rule add to 198.51.100.10/32 table 1
END
ip -n server route | diff "${folder:?}/ip-route" -
[[ $({ ip -n server rule | diff "${folder:?}/ip-rule" - || true; } | grep -c '^> .*lookup 1') == 2 ]]
ip -n server route show table all | grep -qF 'default via 198.51.100.1 dev eth1 table 1'
ip -n server route get 203.0.113.9 from 198.51.100.10 | grep -q 'dev eth1 table 1'
ask ping 198.51.100.10 eth1 eth1
ask tcp 198.51.100.10 eth1 eth1
ask ping 192.0.2.10 eth0 eth0
end
