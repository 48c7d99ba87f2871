#!/usr/bin/env bash
# What a probe of four nodes takes, on the cluster of tests/cluster (start it with cluster.sh up).
#   tests/bench/probe/probe.sh [RUNS]
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/cluster/lib.sh
. "$here/../../cluster/lib.sh"

runs=${1:-3}
seconds() { python3 -c 'import json, sys; s = json.load(open(sys.argv[1]))["seconds"]; print("nodes %(nodes).2f s, network %(network).2f s, launches %(launches).2f s, all %(all).2f s" % s)' "$1"; }
for kind in --quick --full; do
    for ((run = 1; run <= runs; run++)); do
        start=$(date +%s.%N)
        within 200 srun -N4 --exclusive --mem=0 "$bin/amorsize-probe" "$kind" --output bench.yaml --format json >bench.json 2>bench.err ||
            fail "srun $kind: $(<bench.err)"
        echo "$kind run $run: srun $(python3 -c "import time; print('%.2f s' % (time.time() - $start))"), $(seconds bench.json)"
    done
done
echo "load average: $(cut -d' ' -f1-3 /proc/loadavg), $(nproc) cores for all four nodes"
