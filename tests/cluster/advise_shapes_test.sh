#!/usr/bin/env bash
# Slurm takes the request of an advice for nodes of any shape, from 1 to 512 hardware threads and 1 to 16 sockets:
# amorsize-advise fails where sbatch --test-only refuses.
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"
export XDG_CACHE_HOME=$work/cache

shapes=$(scontrol -o show node | grep -o 'NodeName=s[0-9c t]*' | cut -d= -f2 | sort -u)
expect "shapes to plan for" 18 "$(wc -l <<<"$shapes")"

# Workers on every core, workers of several threads, an MPI program, GPUs where there are any.
jobs=(
    'command: [sleep, "9"]|items: {range: [0, 100000]}'
    'command: [sleep, "9"]|items: {range: [0, 100000]}|resources: {threads: 3}'
    'command: [hostname]|kind: mpi'
)
try() {
    local shape=$1 i=$2 status=0
    {
        printf 'amorsize: 1\nname: shape\n'
        tr '|' '\n' <<<"${jobs[i]}"
        echo 'profile: {seconds: 9, peak_memory: 50MiB, cpu_share: 1}'
        echo "limits: {partition: shapes, constraint: $shape, nodes: 2, time: 2d}"
    } >"job$i.yaml"
    within 60 "$bin/amorsize-advise" "job$i.yaml" --dry-run >"out$i.txt" 2>&1 || status=$?
    # Three threads do not fit a node of fewer cores: then the advice says so.
    if [[ $status == 4 ]] && grep -q 'infeasible' "out$i.txt"; then return; fi
    [[ $status == 0 ]] || fail "$shape, job $i: $(<"out$i.txt")"
}

# The accounting takes its time to answer, so the jobs of a shape ask side by side.
for shape in $shapes; do
    running=()
    for i in "${!jobs[@]}"; do
        try "$shape" "$i" &
        running+=($!)
    done
    for process in "${running[@]}"; do wait "$process"; done
    echo "ok: $shape"
done
