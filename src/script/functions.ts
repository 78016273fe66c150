import { bash } from './shell.js';

/**
 * What the script's commands are made of, in bash. A node is a process in network, mount and UTS namespaces; one in
 * which something uses files gets /etc, /run, /var and /tmp of its own, as `src/system/agent.pl` gives it.
 */
export const FUNCTIONS = bash`exec 5<&0 </dev/null 8<&- 9<&-
cd /
umask 022
declare -A pid
nodes=()

# on NODE COMMAND…: runs a command in a node.
on() {
  nsenter --target "\${pid[$1]}" --net --mount --uts -- "\${@:2}" 5<&-
}

# node NAME [own-files]: a process in namespaces of its own, with files of its own where something in it uses them.
node() {
  local ready
  exec {ready}< <(exec unshare --net --mount --uts bash -e -c "$make_node" bash "$@")
  pid[$1]=$!
  nodes+=("$1")
  read -r -u "$ready" || { echo "node $1 was not made" >&2; return 1; }
  exec {ready}<&-
}

make_node=$(cat <<'NODE'
hostname "$1"
mount -n -t sysfs -o ro,nosuid,nodev,noexec sysfs /sys || true  # a container may forbid it
if [[ \${2-} == own-files ]]; then
  mount -n -t tmpfs -o nosuid,nodev,mode=755 run /run/new
  mkdir -p /run/new/replypath/etc /run/new/replypath/bin /run/new/lock /run/new/network /run/new/shared
  mount -n --rbind /run/etc /run/new/replypath/etc
  mount -n --bind /run/shared /run/new/shared
  mount -n --move /run/new /run
  etc=/run/replypath/etc
  mount -n -t tmpfs -o nosuid,nodev,mode=755 etc /etc
  mount -n -t tmpfs -o nosuid,nodev,mode=1777 tmp /tmp
  mount -n -t tmpfs -o nosuid,nodev,mode=755 var /var
  mkdir /var/cache /var/lib /var/lib/dhcp /var/lib/misc /var/log /var/spool /var/tmp
  ln -s /run /var/run
  ln -s /run/lock /var/lock
  for file in passwd group nsswitch.conf protocols services host.conf bash.bashrc profile shells; do
    if [[ -f $etc/$file ]]; then cat "$etc/$file" >"/etc/$file"; fi
  done
  for file in alternatives ld.so.cache ld.so.conf ld.so.conf.d localtime gai.conf; do
    if [[ -e $etc/$file ]]; then ln -s "$etc/$file" "/etc/$file"; fi
  done
  mkdir /etc/iproute2
  for file in {/usr/share,/usr/lib,"$etc"}/iproute2/*; do
    if [[ -f $file ]]; then cat "$file" >"/etc/iproute2/\${file##*/}"; fi
  done
  printf '255\tlocal\n254\tmain\n253\tdefault\n0\tunspec\n' >/etc/iproute2/rt_tables
  echo "$1" >/etc/hostname
  printf '127.0.0.1\tlocalhost\n::1\tlocalhost\n127.0.1.1\t%s\n' "$1" >/etc/hosts
  : >/etc/resolv.conf
  # People paste sudo; in a node everybody is root.
  cat >/run/replypath/bin/sudo <<'SUDO'
#!/bin/sh
while :; do case $1 in -*) shift ;; *) exec "$@" ;; esac; done
SUDO
  chmod 0755 /run/replypath/bin/sudo
fi
echo ready
exec sleep infinity >/dev/null
NODE
)

# capture NODE: tcpdump on every interface, for the life of the lab; with its defaults it would lose packets.
capture() {
  on "$1" tcpdump -n -Z root -s 256 -B 512 --immediate-mode -U -i any -w - \
    >"/run/lab/$1.pcap" 2>"/run/lab/$1.tcpdump" &
  for ((i = 0; i < 500; i++)); do
    [[ -s /run/lab/$1.pcap ]] && return
    sleep 0.02
  done
  cat "/run/lab/$1.tcpdump" >&2
  return 1
}

# Links that are up and whose state does not follow their carrier yet, IPv6 addresses that are tentative, and those
# for which nobody listens yet: their solicited-node group is not joined or, on loopback and links without ARP, there is no local route.
pending() {
  local links
  links=$("$@" ip -o link show up)
  grep 'NO-CARRIER.*LOWER_UP' <<<"$links"
  grep -v -e NO-CARRIER -e LOWER_UP <<<"$links"
  "$@" ip -o -6 address show up tentative -dadfailed
  # shellcheck disable=SC2016  # awk's own
  "$@" awk '
    /LOWER_UP/ && !/LOOPBACK|NOARP/ { split($2, name, /[:@]/); asked[name[1]] }
    /LOWER_UP/ && /LOOPBACK|NOARP/ { split($2, name, /[:@]/); silent[name[1]] }
    FILENAME ~ /ipv6_route$/ && $2 == 80 && $9 ~ /^8/ { held[$1] }
    FILENAME ~ /igmp6$/ { joined[$2, $3] }
    FILENAME ~ /if_inet6$/ && $6 in asked && !(($6, "ff0200000000000000000001ff" substr($1, 27)) in joined)
    FILENAME ~ /if_inet6$/ && $6 in silent && !($1 in held)
  ' - /proc/net/igmp6 /proc/net/ipv6_route /proc/net/if_inet6 <<<"$links" 2>/dev/null
}

# What was configured takes effect a little later than the command that asked for it ends; two seconds at most.
settle() {
  local node i
  for ((i = 0; i < 40; i++)); do
    [[ -z $(pending env; for node in "\${nodes[@]}"; do pending on "$node"; done) ]] && return
    sleep 0.05
  done
}

step() {
  printf '\n== %s\n' "$1"
}
`;
