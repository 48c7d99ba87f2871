#!/usr/bin/env bash
# On a machine of several NUMA domains, as a node of Slurm: ranks and workers sit in the domains of the plan, by srun and
# by mpirun, and control groups hold the job to its memory. Starts a cluster of its own and takes it down.
set -euo pipefail
check=$(realpath "$(dirname "$0")/../mpi/numa_check.py")
"$check" domains || exit $?
# shellcheck source=cluster_of_own.sh
. "$(dirname "$0")/cluster_of_own.sh" own
export XDG_CACHE_HOME=$work/cache

# Slurm tells of sockets only; the node itself tells its domains.
within 200 srun -N1 --exclusive --mem=0 "$bin/amorsize-probe" --quick --output cluster.yaml >probe.txt
cat >numa.yaml <<'END'
amorsize: 1
name: numa
command: [awk, '/^Cpus_allowed_list/ {cpus = $2} FILENAME ~ /numa_maps/ && !policy {policy = $2} END {system("sleep 0.1"); print "rank", ENVIRON["AMORSIZE_RANK"], "cpus", cpus, "policy", policy}', /proc/self/status, /proc/self/numa_maps]
items: {range: [0, 48]}
profile: {seconds: 20, peak_memory: 5MiB}
END
for launcher in srun mpirun; do
    within 200 "$bin/amorsize-advise" numa.yaml --cluster cluster.yaml --launcher "$launcher" --format json >numa.json
    rm -rf numa.run
    job=$(within 60 sbatch --parsable -o "$launcher.out" numa.sbatch)
    expect "$launcher: the job" COMPLETED "$(accounted "$job" State | head -n 1)"
    within 60 "$bin/amorsize-run" numa.plan.yaml --print stdout >placed
    "$check" "$launcher" numa.json placed "$launcher.out" ||
        fail "$(sort placed | uniq -c; cat "$launcher.out" numa.sbatch)"
done

printf '#!/bin/bash\nsrun perl -e '"'"'$x = "a" x (300 << 20); sleep 1'"'"'\n' >naive.sh
job=$(within 60 sbatch --parsable --mem=100M -o naive.out naive.sh)
# With cgroup v2 Slurm 22.05 says FAILED.
expect_match "a job over its memory is ended" 'OUT_OF_MEMORY|FAILED' "$(accounted "$job" State | head -n 1)"
