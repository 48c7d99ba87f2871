#!/usr/bin/env bash
# How long this machine takes to measure itself, and every figure with its spread.
#   node.sh BIN [RUNS]        BIN holds amorsize-probe; median and worst of RUNS (5)
set -euo pipefail
probe=$(realpath "$1")/amorsize-probe
runs=${2:-5}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

# The seconds the probe says it took, of several runs.
time_of() {
    local name=$1 run
    shift
    for ((run = 0; run < runs; run++)); do
        "$probe" "$@" --format json --output "$name.yaml" 2>> errors |
            python3 -c 'import json, sys; print(json.load(sys.stdin)["seconds"]["all"])'
    done | sort -g | awk -v name="$name" '{ all[NR] = $1 }
        END { printf "%s: median %.3f s, worst %.3f s of %d\n", name, all[int((NR + 1) / 2)], all[NR], NR }'
}
time_of quick --quick
time_of full
"$probe" --output shown.yaml 2>> errors
