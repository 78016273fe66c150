#!/bin/bash
# scripts/bench/grow.sh FOLDER
#
# The baseline of `growth`: makes a lab by one `ip -batch` (FOLDER/lab: namespaces and links) and one `ip -n NODE
# -batch` for each node (FOLDER/nodes has their names, FOLDER/node-NODE the commands), and prints the milliseconds
# that it took.
#
# It wants to be called in mount, network and PID namespaces of its own: scripts/bench/run does it.
set -euo pipefail

mount -t tmpfs run /run
mapfile -t nodes <"$1/nodes"

begin=${EPOCHREALTIME/./}
ip -batch "$1/lab"
for node in "${nodes[@]}"; do
  ip -n "$node" -batch "$1/node-$node"
done
end=${EPOCHREALTIME/./}
echo "$(((end - begin) / 1000)).$(printf '%03d' $(((end - begin) % 1000)))"
