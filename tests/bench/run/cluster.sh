#!/usr/bin/env bash
# Four nodes of the test cluster: 100,000 items that sleep 10 ms over 64 workers, and chunks drawn over the network.
#   cluster.sh [ROUNDS] [ITEMS]    needs tests/cluster/cluster.sh up
# The nodes are namespaces of this machine: what is measured is the hand-out and the sleeping, not computing.
# shellcheck source-path=SCRIPTDIR/../../cluster source=lib.sh
. "$(dirname "$0")/../../cluster/lib.sh"

rounds=${1:-3}
items=${2:-100000}
workers=16
on_nodes() { within 600 srun -D "$work" -N4 -n4 --cpus-per-task=1 --mpi=pmix "$@"; }

seq 0 $((items - 1)) | sed 's/$/ 10/' >list
cat >ten.yaml <<END
amorsize: 1
name: ten
kind: tasks
command: [$bin/stream_worker, sleep]
mode: stream
items: {file: list}
END
"$bin/make_plan" ten.yaml ten.plan.yaml 4 $workers 20 factoring 1

# The same items on the same workers with nothing between: each reads its share from a file.
cat >bare.sh <<END
begin=\$(date +%s.%N)
for i in \$(seq $workers); do head -n $((items / 4 / workers)) list | $bin/stream_worker sleep >/dev/null & done
wait
echo \$begin \$(date +%s.%N) | awk '{print \$2 - \$1}'
END

ideal=$(awk -v n="$items" -v w=$((4 * workers)) 'BEGIN {print n * 0.01 / w}')
echo "$items items of 10 ms, $((4 * workers)) workers on 4 nodes: ideal $ideal s, load $(cut -d' ' -f1-3 /proc/loadavg)"
for _ in $(seq "$rounds"); do
    rm -rf ten.run ten.joblog
    on_nodes "$bin/amorsize-run" ten.plan.yaml --format json >report 2>>log || fail "$(tail -3 log)"
    ours=$(grep -m1 -o '"wall_seconds": [0-9.]*' report | awk '{print $2}')
    bare=$(on_nodes bash bare.sh 2>>log | sort -g | tail -1)
    awk -v i="$ideal" -v o="$ours" -v b="$bare" \
        'BEGIN {printf "  amorsize-run %.2f s, %.3f of ideal; bare workers %.2f s, %.3f of ideal; bare over amorsize-run %.3f\n", o, i / o, b, i / b, b / o}'
done

echo "chunks drawn by a rank on each node (the bare loop needs Open MPI's pt2pt windows over TCP)"
OMPI_MCA_osc=pt2pt on_nodes "$bin/counter_bench" 1000 "$rounds" 2>>log | sed 's/^/  /'
