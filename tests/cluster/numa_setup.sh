#!/usr/bin/env bash
# On a machine of several NUMA domains, as a node of Slurm: ranks and workers sit in the domains of the plan, by srun and
# by mpirun, and control groups hold the job to its memory. Starts a cluster of its own and takes it down.
set -euo pipefail
mpi_tests=$(realpath "$(dirname "$0")/../mpi")
check=$mpi_tests/numa_check.py
"$check" domains || exit $?
# shellcheck source=cluster_of_own.sh
. "$(dirname "$0")/cluster_of_own.sh" own
export XDG_CACHE_HOME=$work/cache
cp "$mpi_tests/numa.yaml" .

# Slurm tells of sockets only; the node itself tells its domains.
within 200 srun -N1 --exclusive --mem=0 "$bin/amorsize-probe" --quick --output cluster.yaml >probe.txt
for launcher in srun mpirun; do
    within 200 "$bin/amorsize-advise" numa.yaml --cluster cluster.yaml --launcher "$launcher" --format json >numa.json
    rm -rf numa.run
    job=$(within 60 sbatch --parsable -o "$launcher.out" numa.sbatch)
    state=$(accounted "$job" State | head -n 1)
    [[ $state == COMPLETED ]] || fail "$launcher: $state: $(cat "$launcher.out" numa.sbatch)"
    within 60 "$bin/amorsize-run" numa.plan.yaml --print stdout >placed
    "$check" "$launcher" numa.json placed "$launcher.out" ||
        fail "$(sort placed | uniq -c; cat "$launcher.out" numa.sbatch)"
done

printf '#!/bin/bash\nsrun perl -e '"'"'$x = "a" x (300 << 20); sleep 1'"'"'\n' >naive.sh
job=$(within 60 sbatch --parsable --mem=100M -o naive.out naive.sh)
# The step is: the batch script around it only sees srun fail.
expect "a step over its memory is killed" OUT_OF_MEMORY "$(accounted "$job" JobID,State | step_state "$job.0")"
