#!/bin/sh
# Streams trace events of the kernel to standard output, as trace_pipe prints them, until standard input ends.
#
#   unshare --mount --propagation private sh trace.sh EVENT FILTER [EVENT FILTER ...]
#
# An EVENT is its path below `events`, a FILTER what its file `filter` takes, empty for none. Events that the kernel lacks
# are left out. Each line of standard input comes out as an event `tracing_mark_write`, in its place among the others;
# `ready` does so by itself, once all are on. Times are those of CLOCK_MONOTONIC.
# https://docs.kernel.org/trace/events.html, "Instances" and "trace_pipe" in https://docs.kernel.org/trace/ftrace.html
#
# tracefs is mounted, if it has to be, in the private mount namespace alone. The instance goes whatever happens to who
# started this: its end closes standard input. What a killed program of ours has left goes with the next one.
set -u
# Nobody may be left to read what is printed, and that ends what prints, unless it takes no notice.
trap '' HUP INT QUIT TERM PIPE
tracefs=/sys/kernel/tracing
[ -d $tracefs/instances ] || mount -t tracefs tracefs $tracefs || exit 1
for instance in "$tracefs"/instances/replypath-*; do
    # One that is read from cannot be removed, whoever's process number that is here.
    kill -0 "${instance##*-}" 2>/dev/null || rmdir "$instance" 2>/dev/null
done
instance=$tracefs/instances/replypath-$$
mkdir "$instance" || exit 1
cd "$instance" || exit 1
echo mono >trace_clock
while [ $# -ge 2 ]; do
    if [ -d "events/$1" ]; then
        [ -z "$2" ] || echo "$2" >"events/$1/filter"
        echo 1 >"events/$1/enable"
    fi
    shift 2
done
cat trace_pipe &
echo ready >trace_marker
while read -r line; do echo "$line" >trace_marker; done
kill -KILL $! 2>/dev/null
wait $! 2>/dev/null
cd /
# It is busy for as long as somebody has one of its files open.
tries=0
until rmdir "$instance" 2>/dev/null || [ $tries -ge 100 ]; do
    tries=$((tries + 1))
    sleep 0.05
done
