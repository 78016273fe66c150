#!/bin/bash
# scripts/bench/apply.sh FOLDER
#
# The baseline of `scale`: makes the lab in FOLDER as grow.sh does, applies FOLDER/policy to its first node by one `ip
# -batch`, and prints the milliseconds that this took.
#
# It wants to be called in mount, network and PID namespaces of its own: scripts/bench/run does it.
set -euo pipefail

mount -t tmpfs run /run
ip -batch "$1/lab"
while read -r node; do
  ip -n "$node" -batch "$1/node-$node"
done <"$1/nodes"
read -r node <"$1/nodes"

begin=${EPOCHREALTIME/./}
ip -n "$node" -batch "$1/policy"
end=${EPOCHREALTIME/./}
echo "$(((end - begin) / 1000)).$(printf '%03d' $(((end - begin) % 1000)))"
