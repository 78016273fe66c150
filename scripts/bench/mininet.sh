#!/bin/bash
# scripts/bench/mininet.sh TIMES
#
# Calls mininet.py, which may write no sysctl but those of its own network namespace.
set -euo pipefail
mount --bind /proc/sys /proc/sys
mount --bind /proc/sys/net /proc/sys/net
mount -o remount,bind,ro /proc/sys
mount -t tmpfs run /run
exec /usr/bin/python3 "$(dirname "${BASH_SOURCE[0]}")/mininet.py" "$1"
