#!/usr/bin/env bash
# On a cluster without control groups, of two switches, whose nodes claim two sockets: advice, placement and memory hold
# there too. Starts that cluster and takes it down.
set -euo pipefail
# shellcheck source=cluster_of_own.sh
. "$(dirname "$0")/cluster_of_own.sh" plain
# shellcheck source=placement.sh
. "$here/placement.sh"
export XDG_CACHE_HOME=$work/cache

submit srun one-node 'nodes: 1, partition: main' tasks
submit srun two-nodes 'nodes: 2, partition: main' mpi
submit mpirun whole-nodes 'nodes: 2, partition: whole' tasks
submit mpirun all-nodes 'nodes: 4, partition: main, constraint: "a|b"' mpi
check_jobs

# Slurm says two sockets, and so two NUMA domains are assumed until a node has told.
cat >job.yaml <<END
amorsize: 1
name: job
command: "sleep 0.05"
items: {range: [0, 200]}
sample: {size: 3}
END
within 150 "$bin/amorsize-advise" job.yaml --no-sample --dry-run --format json >assumed.json
expect_match "two sockets are taken for two NUMA domains" '"value": "2 packages, 2 NUMA domains, 2 cores' "$(<assumed.json)"
within 150 "$bin/amorsize-advise" job.yaml --format json >measured.json
expect_match "a node tells that it has one" '"value": "1 package, 1 NUMA domain, 2 cores' "$(<measured.json)"

# Nothing but Slurm's look at it keeps a job to its memory: what was granted holds the workers down.
cat >hungry.yaml <<END
amorsize: 1
name: hungry
command: [perl, -e, '\$x = "a" x (150 << 20); sleep 2']
items: {range: [0, 4]}
profile: {seconds: 2, peak_memory: 320MiB}
limits: {partition: main, nodes: 1}
END
printf '#!/bin/bash\nsrun perl -e '"'"'$x = "a" x (450 << 20); sleep 30'"'"'\n' >naive.sh
naive=$(within 30 sbatch --parsable -p short -o naive.out naive.sh)
within 150 "$bin/amorsize-advise" hungry.yaml >hungry.txt
job=$(within 30 sbatch --parsable -o hungry.out hungry.sbatch)
expect_match "the naive request is killed" 'OUT_OF_MEMORY|FAILED|CANCELLED' "$(accounted "$naive" State | paste -sd' ')"
expect "the advised request ends well" COMPLETED "$(accounted "$job" State | head -n 1)"
rm -rf hungry.run
less=$(within 30 sbatch --parsable -o less.out --mem=500M hungry.sbatch)
expect "granted less, it ends well too" COMPLETED "$(accounted "$less" State | head -n 1)"
expect_match "with fewer workers, and says so" 'memory for 1 worker .*instead of 2' "$(<less.out)"
