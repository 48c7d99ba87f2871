#!/usr/bin/env bash
# A plan for nodes of one kind, run on nodes of another: each rank notices, starts what fits there, and says so.
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

# plan NAME FIGURES OPTIONS...: made from given figures, so that no node is asked for.
plan() {
    local name=$1 figures=$2
    shift 2
    printf 'amorsize: 1\nname: %s\ncommand: [sleep, "0.05"]\nitems: {range: [0, 60]}\nprofile: {%s}\n' "$name" "$figures" >"$name.yaml"
    within 150 "$bin/amorsize-advise" "$name.yaml" "$@" >"$name.txt" 2>&1 || fail "$name: $(<"$name.txt")"
}

# run_on NODES NAME RANKS: on whole nodes, each rank free to use all of its own; what it says of unlike nodes.
run_on() {
    local nodes=$1 name=$2 ranks=$3
    within 150 salloc -Q -w "$nodes" --exclusive --mem=0 srun --whole -n "$ranks" --cpu-bind=none --mpi=pmix \
        "$bin/amorsize-run" "$name.plan.yaml" --fresh >"$name.out" 2>&1 || fail "$name: $(<"$name.out")"
    expect "$name: every item is done" 60 "$(grep -c . <"$name.joblog" | awk '{ print $1 - 1 }')" >&2
    grep -E '^ranks? [0-9]' "$name.out" || true
}

plan alike 'seconds: 10, peak_memory: 20MiB' --partition whole
expect "nodes as planned are not remarked on" "" "$(run_on n1,n2 alike 2)"
expect "fewer cores" "rank 1: 1 hardware thread here, 2 in class a: 1 worker instead of 2" "$(run_on n1,n3 alike 2)"

# Items that wait need memory more than cores.
plan wide 'seconds: 10, peak_memory: 700MiB, cpu_share: 0.1' --partition whole
expect "four waiting workers are planned" 4 "$(grep -o '[0-9]* workers a node' wide.txt | cut -d' ' -f1)"
expect_match "less memory" '^rank 1: memory for 2 workers of [0-9]+ MiB here: 2 workers instead of 4$' "$(run_on n1,n4 wide 2)"

# A rank a NUMA domain, where the node has one domain.
domains=$(find /sys/devices/system/node -maxdepth 1 -name 'node[0-9]*' | wc -l)
if ((domains > 1)); then
    echo "not tried: fewer NUMA domains, for this machine has $domains"
else
    cat >two.yaml <<END
amorsize: 1
slurm_version: 22.05.8
mpi: {name: Open MPI, version: 4.1.4, srun_types: [pmix]}
partitions: [{name: main, default: true, nodes: [{class: two, count: 1}]}]
node_classes: [{name: two, topology: "pack:1 numa:2 core:1 pu:1", memory: 3900MiB}]
END
    plan domains 'seconds: 10, peak_memory: 20MiB' --cluster two.yaml
    expect "fewer NUMA domains" "ranks 0 to 1: the ranks of its node are in 1 NUMA domain, planned in 2" \
        "$(run_on n2 domains 2)"
fi
