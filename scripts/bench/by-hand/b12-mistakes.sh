# shellcheck shell=bash
# reports/b12-mistakes, without what isp2 asks
begin
ip -n server route add 198.51.100.0/24 dev eth1 src 198.51.100.10 table 1
! ip -n server route add default vi 198.51.100.1 dev eth1 table 1 2>/dev/null
ip -n server rule add from 198.51.100.10/32 table 1
ask ping 198.51.100.10 eth1 eth0
end

for mistaken in \
  '198.51.100.0/24 dev eth1 src 198.51.100.11' \
  '198.51.100.10/24 dev eth1 src 198.51.100.10' \
  '198.51.100.0/24 dev oth1 src 198.51.100.10'; do
  begin
  # shellcheck disable=SC2086 # words of a command
  ! ip -n server route add $mistaken table 1 2>/dev/null
  ip -n server route add default via 198.51.100.1 dev eth1 table 1
  ip -n server rule add from 198.51.100.10/32 table 1
  ask ping 198.51.100.10 eth1 eth1
  end
done
