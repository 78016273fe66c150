#!/bin/bash
# scripts/bench/by-hand.sh TIMES [NAME…]
#
# The baseline of `lab` and `suite`: the dual-isp lab with split access as one would write it by hand. Five
# namespaces, a capture on each, two pings, one TCP and one UDP exchange, and for each of the four the interface by which
# its request came in to the server and that by which the reply went out: the same, or exit 1.
#
# With names, the baseline of `catalogue`: in that network what each file of by-hand does, which is a scenario of the catalogue in IPv4,
# with providers that carry everything, as far as a client's requests go.
#
# It wants to be called in mount, network and PID namespaces of its own: scripts/bench/run does it.
set -Eeuo pipefail
trap 'echo "line $LINENO: $BASH_COMMAND: status $?" >&2' ERR
cd "$(dirname "${BASH_SOURCE[0]}")"

nodes=(server isp1 isp2 internet client)

build() {
  mkdir "$folder"
  ip -batch - <<'END'
netns add server
netns add isp1
netns add isp2
netns add internet
netns add client
link add name eth0 netns server type veth peer name lan netns isp1
link add name eth1 netns server type veth peer name lan netns isp2
link add name wan netns isp1 type veth peer name isp1 netns internet
link add name wan netns isp2 type veth peer name isp2 netns internet
link add name edge netns internet type veth peer name eth0 netns client
END
  start_captures
  local node
  for node in isp1 isp2 internet; do
    ip netns exec "$node" sysctl -q -w net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
  done
  ip -n server -batch - <<'END'
link set dev lo up
address add 192.0.2.10/24 dev eth0
address add 2001:db8:a::10/64 dev eth0 nodad
link set dev eth0 up
address add 198.51.100.10/24 dev eth1
address add 2001:db8:b::10/64 dev eth1 nodad
link set dev eth1 up
route add default via 192.0.2.1 dev eth0
route add default via 2001:db8:a::1 dev eth0
END
  ip -n isp1 -batch - <<'END'
link set dev lo up
address add 192.0.2.1/24 dev lan
address add 2001:db8:a::1/64 dev lan nodad
link set dev lan up
address add 100.64.1.2/30 dev wan
address add 2001:db8:f1::2/64 dev wan nodad
link set dev wan up
route add default via 100.64.1.1 dev wan
route add default via 2001:db8:f1::1 dev wan
END
  ip -n isp2 -batch - <<'END'
link set dev lo up
address add 198.51.100.1/24 dev lan
address add 2001:db8:b::1/64 dev lan nodad
link set dev lan up
address add 100.64.2.2/30 dev wan
address add 2001:db8:f2::2/64 dev wan nodad
link set dev wan up
route add default via 100.64.2.1 dev wan
route add default via 2001:db8:f2::1 dev wan
END
  ip -n internet -batch - <<'END'
link set dev lo up
address add 100.64.1.1/30 dev isp1
address add 2001:db8:f1::1/64 dev isp1 nodad
link set dev isp1 up
address add 100.64.2.1/30 dev isp2
address add 2001:db8:f2::1/64 dev isp2 nodad
link set dev isp2 up
address add 203.0.113.1/24 dev edge
address add 2001:db8:c::1/64 dev edge nodad
link set dev edge up
route add 192.0.2.0/24 via 100.64.1.2 dev isp1
route add 198.51.100.0/24 via 100.64.2.2 dev isp2
route add 2001:db8:a::/64 via 2001:db8:f1::2 dev isp1
route add 2001:db8:b::/64 via 2001:db8:f2::2 dev isp2
END
  ip -n client -batch - <<'END'
link set dev lo up
address add 203.0.113.9/24 dev eth0
address add 2001:db8:c::9/64 dev eth0 nodad
link set dev eth0 up
route add default via 203.0.113.1 dev eth0
route add default via 2001:db8:c::1 dev eth0
END
}

split_access() {
  ip -n server -batch - <<'END'
route add 198.51.100.0/24 dev eth1 src 198.51.100.10 table 101
route add default via 198.51.100.1 dev eth1 table 101
rule add from 198.51.100.10 table 101 preference 101
END
  ip -n server -6 -batch - <<'END'
route add 2001:db8:b::/64 dev eth1 src 2001:db8:b::10 table 101
route add default via 2001:db8:b::1 dev eth1 table 101
rule add from 2001:db8:b::10 table 101 preference 101
END
}

# With the options that replypath uses, because the defaults lose packets.
start_captures() {
  local node said
  mkfifo "${nodes[@]/#/$folder/said-by-}"
  for node in "${nodes[@]}"; do
    ip netns exec "$node" tcpdump -n -Z root -s 256 -B 512 --immediate-mode -U --time-stamp-precision=nano \
      -i any -w "$folder/$node.pcap" 2>"$folder/said-by-$node" &
    captures+=($!)
    exec {said}<"$folder/said-by-$node"
    messages[$node]=$said
  done
}

await_captures() {
  local node message
  for node in "${nodes[@]}"; do
    until [[ ${message-} == *'listening on any'* ]]; do
      read -r -t 10 message <&"${messages[$node]}" || { echo "no capture on $node" >&2; exit 1; }
    done
    message=
  done
}

stop_captures() {
  local node said
  kill "${captures[@]}"
  wait "${captures[@]}"
  for node in "${nodes[@]}"; do
    said=${messages[$node]}
    exec {said}<&-
  done
  captures=()
}

probe() {
  local ready
  coproc responder { exec ip netns exec server perl echo.pl 198.51.100.10 7; }
  # shellcheck disable=SC2154 # coproc sets them
  local pid=$responder_PID from=${responder[0]}
  read -r -t 10 ready <&"$from" && [[ $ready == ready ]]
  ping_from_client 192.0.2.10
  ping_from_client 198.51.100.10
  ip netns exec client bash -c "$exchange" - tcp
  ip netns exec client bash -c "$exchange" - udp
  kill "$pid"
  wait "$pid" || true
}

# On a busy machine a veth may discard the first packets after it was set up.
ping_from_client() {
  local tries
  for ((tries = 0; tries < 20; tries++)); do
    if ip netns exec client ping -n -q -c 1 -W 1 "${@:2}" "$1" >/dev/null; then
      return
    fi
  done
  echo "no answer from $1" >&2
  return 1
}

# A datagram can be read only once, and bash reads byte by byte: the answer is one.
# shellcheck disable=SC2016 # for the shell that is started
exchange='exec 3<>"/dev/$1/198.51.100.10/7" && printf x >&3 && read -r -t 5 -n 1 answer <&3 && [[ $answer == x ]]'

# expect INTERFACE FILTER…: all that matches came in by it or went out by it, and there was both.
expect() {
  expect_ways "$1" "$1" "${@:2}"
}

expect_ways() {
  local lines in out
  # In the namespace, where tcpdump can look up the interfaces' names.
  lines=$(ip netns exec server tcpdump -n -r "$folder/server.pcap" "${@:3}" 2>/dev/null)
  in=$(grep -oP '^\S+ \K\S+(?= +In )' <<<"$lines" | sort -u) || true
  out=$(grep -oP '^\S+ \K\S+(?= +Out )' <<<"$lines" | sort -u) || true
  if [[ $in != "$1" || $out != "$2" ]]; then
    echo "${*:3}: in by ${in:-none}, out by ${out:-none}, not $1 and $2" >&2
    exit 1
  fi
}

tear_down() {
  ip -batch - < <(printf 'netns delete %s\n' "${nodes[@]}")
  rm -r "$folder"
}

# ask PROTOCOL ADDRESS IN OUT: the client gets an answer, and by these interfaces of the server it came in and went out.
ask() {
  local id=$((++asked)) port
  port=$((9000 + id))
  case $1 in
    ping)
      ping_from_client "$2" -e "$id"
      sightings+=("$3 $4 icmp and icmp[4:2] = $id")
      ;;
    *)
      ip netns exec client bash -c "${exchange//198.51.100.10\/7/$2\/$port}" - "$1"
      sightings+=("$3 $4 $1 port $port")
      ;;
  esac
}

# unanswered PROTOCOL ADDRESS: the client gets none within 0.3 s.
unanswered() {
  local id=$((++asked)) port
  port=$((9000 + id))
  if [[ $1 == ping ]]; then
    ip netns exec client ping -n -q -c 1 -W 0.3 -e "$id" "$2" >/dev/null || return 0
  else
    ip netns exec client timeout 0.3 bash -c "${exchange//198.51.100.10\/7/$2\/$port}" - "$1" 2>/dev/null || return 0
  fi
  echo "$2 answered by $1" >&2
  exit 1
}

serve() {
  local address ready from
  for address in 192.0.2.10 198.51.100.10; do
    exec {from}< <(exec ip netns exec server perl echo.pl "$address" 9001 9032)
    servers+=($!)
    read -r -t 10 ready <&"$from" && [[ $ready == ready ]]
    exec {from}<&-
  done
}

# begin and end are those of a lab: each file has one or several.
begin() {
  asked=0 sightings=() servers=()
  build
  await_captures
  serve
}

end() {
  local in out filter sighting
  kill "${servers[@]}"
  stop_captures
  for sighting in "${sightings[@]}"; do
    read -r in out filter <<<"$sighting"
    expect_ways "$in" "$out" "$filter"
  done
  tear_down
}

by_name() {
  local folder=/run/by-hand asked=0
  local -A messages=()
  local captures=() servers=() sightings=()
  # shellcheck disable=SC1090 # it is one of ten
  source "by-hand/$1.sh"
}

lab() {
  local folder=/run/by-hand
  local -A messages=()
  local captures=()
  build
  split_access
  await_captures
  probe
  stop_captures
  expect eth0 icmp and host 192.0.2.10
  expect eth1 icmp and host 198.51.100.10
  expect eth1 tcp port 7
  expect eth1 udp port 7
  tear_down
}

mount -t tmpfs run /run
ip link set dev lo up
for ((i = 0; i < $1; i++)); do
  if (($# == 1)); then
    lab
  else
    for name in "${@:2}"; do
      by_name "$name"
    done
  fi
done
