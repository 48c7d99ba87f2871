#!/usr/bin/env bash
# Random kills of all five kinds during runs: items' processes, ranks, whole steps, nodes, and full disks. Half on this
# machine, with a file system of its own, half on the test cluster, whose nodes lose their power; both at once. After
# each job's end every item must be done exactly once by the journals, and its output there once.
#   kills.sh [KILLS] [SEED]     AMORSIZE_BIN: folder of the programs; needs root, and tests/cluster/cluster.sh up
set -euo pipefail

tests=$(cd "$(dirname "$0")/../.." && pwd)
kills=${1:-200}
seed=${2:-1}
reports=$(mktemp -d)
trap 'rm -rf "$reports"' EXIT

"$tests/run/kills.sh" $((kills / 2)) "$seed" >"$reports/here" &
here=$!
"$tests/cluster/run_kills_test.sh" $((kills - kills / 2)) "$seed" >"$reports/cluster" &
cluster=$!
failed=0
wait $here || failed=1
wait $cluster || failed=1
cat "$reports/here" "$reports/cluster"

# count PATTERN: the numbers in front of it, added up
count() { cat "$reports"/* | grep -oE "[0-9]+ $1" | awk '{sum += $1} END {print sum + 0}'; }
echo "together $(count kills) kills: $(count "of items'") of items' processes, $(count 'of ranks') of ranks," \
    "$(count 'of (whole )?steps') of steps, $(count 'of nodes') of nodes, $(count 'full disks') full disks"
exit $failed
