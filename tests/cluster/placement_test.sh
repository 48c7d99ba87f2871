#!/usr/bin/env bash
# Jobs run as their scripts say: each rank on the node and the CPUs of the plan, with srun and mpirun, on one node
# and several, shared and whole; the accounting agrees with the request.
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=placement.sh
. "$here/placement.sh"
export XDG_CACHE_HOME=$work/cache
# What a shell may have left behind must not change the ranks.
export SRUN_CPUS_PER_TASK=7

for launcher in srun mpirun; do
    for kind in tasks mpi; do
        submit "$launcher" one-node 'nodes: 1, partition: main' "$kind"
        submit "$launcher" two-nodes 'nodes: 2, partition: main' "$kind"
        submit "$launcher" whole-nodes 'nodes: 2, partition: whole' "$kind"
    done
    submit "$launcher" two-nodes 'nodes: 2, partition: main' threads
    submit "$launcher" all-nodes 'nodes: 4, partition: main, constraint: "a|b"' mpi
    submit "$launcher" shared-node 'nodes: 1, partition: main, constraint: small' mpi
done
check_jobs
