# shellcheck shell=bash
# What scripts/run and scripts/test need before they start: Debian packages, Node modules, compiled code.
# Each step says something, on stderr, only when there is something to do.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd -P)
stamps=$root/node_modules/.replypath

# Ordinary users lack these in PATH; what is found here is what labs use.
tool_path=$PATH:/usr/local/sbin:/usr/sbin:/sbin

say() {
  echo "${0##*/}: $*" >&2
}

fail() {
  say "$@"
  exit 1
}

require_node() {
  local oldest=20.19.0 version advice
  advice="Debian 13 and newer have it as the package nodejs; for others see https://nodejs.org/en/download"
  version=$(node --version 2>/dev/null) ||
    fail "Node $oldest or newer is needed, and there is no node in PATH. $advice"
  version=${version#v}
  if [[ $(printf '%s\n' "$oldest" "$version" | sort -V | head -n 1) != "$oldest" ]]; then
    fail "Node $oldest or newer is needed, and $(command -v node) is $version. $advice"
  fi
}

# bash also names files that cannot be executed.
has() {
  [[ -x $(PATH=$tool_path type -P "$1") ]]
}

# require_packages_for run|test
require_packages_for() {
  local pairs=(
    ip:iproute2 tcpdump:tcpdump ping:iputils-ping perl:perl-base nft:nftables iptables-restore:iptables
    npm:npm
    # Daemons that scenarios start.
    openssl:openssl openvpn:openvpn wg-quick:wireguard-tools wireguard-go:wireguard-go dnsmasq:dnsmasq-base dhclient:isc-dhcp-client netstat:net-tools
  )
  # Tests run labs as an ordinary user too.
  if [[ $1 == test ]] || ((EUID != 0)); then
    pairs+=(newuidmap:uidmap)
  fi
  if [[ $1 == test ]]; then
    pairs+=(unshare:util-linux setpriv:util-linux tshark:tshark shellcheck:shellcheck jsonschema:python3-jsonschema)
    pairs+=(vagrant:vagrant)
    # For virtual machines with other kernels, and what is run in them.
    pairs+=(qemu-system-x86_64:qemu-system-x86 busybox:busybox-static modprobe:kmod xz:xz-utils zstd:zstd)
  fi
  require_packages "${pairs[@]}"
  require_unpacked ifupdown ifup
  require_unpacked cron cron
}

# require_packages PROGRAM:PACKAGE… installs the packages of those programs that are not there.
require_packages() {
  local entry missing=()
  for entry in "$@"; do
    if ! has "${entry%%:*}" && [[ " ${missing[*]} " != *" ${entry#*:} "* ]]; then
      missing+=("${entry#*:}")
    fi
  done
  if ((${#missing[@]} == 0)); then
    return
  fi
  if ! has apt-get; then
    fail "this is neither Debian nor Ubuntu. Install what they call ${missing[*]}, then run this again."
  fi
  if ((EUID == 0)) || may_sudo; then
    install_packages "${missing[@]}"
  else
    say 'Debian packages are missing, and you are neither root nor may use sudo here. Have this line run first:'
    echo "sudo apt-get update && sudo apt-get install ${missing[*]}" >&2
    exit 1
  fi
}

# require_unpacked PACKAGE PROGRAM: a package that would take over the machine's own network, or start something, is not installed. It is
# unpacked, to be laid over /usr of nodes alone. Without it the scenarios that need it are skipped.
require_unpacked() {
  local cache=${XDG_CACHE_HOME:-~/.cache}/replypath/packages folder
  if has "$2" || [[ -x $cache/$1/usr/sbin/$2 ]]; then
    return
  fi
  say "unpacking $1"
  folder=$(mktemp -d)
  if (cd "$folder" && fetch_package "$1" && dpkg-deb --extract -- *.deb files) >&2; then
    # A package may still have its files in /sbin and /lib, which are links to those below /usr.
    mkdir -p "$folder/files/usr" "$cache"
    for part in sbin lib; do
      [[ ! -d $folder/files/$part ]] || cp -a "$folder/files/$part" "$folder/files/usr"
    done
    rm -rf "${cache:?}/$1"
    mv "$folder/files" "$cache/$1"
  else
    say "$1 could not be unpacked, see above: scenarios that need it will be skipped"
  fi
  rm -rf "$folder"
}

# Into the folder that this is called in. A new machine has no lists of packages yet.
fetch_package() {
  if ! has apt-get || ! has dpkg-deb; then
    say 'this is neither Debian nor Ubuntu'
    return 1
  fi
  apt-get -q download "$1" 2>/dev/null || { apt_get update && apt-get -q download "$1"; }
}

# Without a terminal nobody can type a password.
may_sudo() {
  has sudo || return 1
  sudo -n true 2>/dev/null || { [[ -t 0 && -t 2 ]] && sudo -v; }
}

install_packages() {
  say "installing $*"
  apt_get update || fail 'apt-get update failed, see above. Is there a network?'
  apt_get install -y --no-install-recommends "$@" ||
    fail "apt-get install $* failed, see above. Is there a network?"
}

apt_get() {
  local sudo=(sudo)
  if ((EUID == 0)); then
    sudo=()
  fi
  # Noninteractive keeps the packages' defaults: tshark's lets nobody but root capture.
  "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive PATH=/usr/sbin:/usr/bin:/sbin:/bin apt-get -q "$@" </dev/null >&2
}

# What identifies the contents of files and folders, whatever their times are.
checksum() {
  (cd "$root" && find "$@" -type f -print0 | sort -z | xargs -0 sha256sum | sha256sum)
}

# done_before STEP CHECKSUM: whether the step was done for just this.
done_before() {
  [[ -f $stamps/$1 && $(<"$stamps/$1") == "$2" ]]
}

# Under sudo the checkout stays its owner's.
finish_step() {
  local owner
  mkdir -p "$stamps"
  echo "$2" >"$stamps/$1"
  owner=$(stat -c %u "$root")
  if ((EUID == 0 && owner != 0)); then
    chown -R --no-dereference --reference="$root" "${@:3}" "$stamps"
  fi
}

require_modules() {
  local sum
  sum="$(node --version | cut -d. -f1) $(checksum package-lock.json)"
  if done_before modules "$sum"; then
    return
  fi
  say 'installing Node modules'
  (cd "$root" && npm ci --prefer-offline --no-audit --no-fund </dev/null >&2) ||
    fail 'npm ci failed, see above. Is there a network?'
  finish_step modules "$sum" "$root/node_modules"
}

# compile FOLDER TSCONFIG SOURCE… compiles into a folder, anew, so that no file outlives its source. In dist the
# command becomes a few files with its libraries in them: to load three hundred takes a fifth of a second.
compile() {
  local folder=$1 config=$2 sum
  sum=$(checksum package.json package-lock.json tsconfig.json "${@:2}")
  if [[ -d $root/$folder ]] && done_before "$folder" "$sum"; then
    return
  fi
  say "compiling $folder"
  rm -rf "${root:?}/$folder"
  (cd "$root" && node_modules/.bin/tsc -p "$config" >&2) || fail 'the sources do not compile, see above'
  [[ $folder != dist ]] || (cd "$root" && npm run -s bundle >&2) || fail 'the command could not be bundled, see above'
  finish_step "$folder" "$sum" "$root/$folder"
}
