#!/usr/bin/env bash
# amorsize-probe from the outside: alone, as ranks of mpirun, and when ranks are lost.
# shellcheck source=tests/run/support.sh
. "$(dirname "$0")/../run/support.sh"

probe() { timeout 60 amorsize-probe "$@"; }
ranks() {
    local count=$1
    shift
    timeout 100 mpirun --oversubscribe -np "$count" amorsize-probe "$@"
}
# How many of the nodes have measured figures: "3 of 4".
figures() {
    python3 -c '
import json, sys
classes = json.load(open(sys.argv[1]))["classes"]
measured = sum(c["figures"].get("one_core_bandwidth", {"nodes": 0})["nodes"] for c in classes)
print(measured, "of", sum(c["count"] for c in classes))' "$1"
}
has() { grep -qF -e "$2" "$1" || { fail "$1 does not say '$2'"; head -5 "$1" >&2; }; }
host=$(hostname)
readable="topology_file"

# The rank itself, not its supervisor: pid of rank $1 of the probe running in this folder.
pid_of_rank() {
    local process
    for process in /proc/[0-9]*; do
        [[ $(readlink "$process/cwd" 2>/dev/null) == "$folder" ]] || continue
        if tr '\0' '\n' 2>/dev/null <"$process/environ" | grep -qx "OMPI_COMM_WORLD_RANK=$1" &&
            tr '\0' '\n' 2>/dev/null <"$process/environ" | grep -q '^AMORSIZE_PROBE_STATUS='; then
            basename "$process"
            return
        fi
    done | sort -n | head -1
}
# Until the ranks have found each other and measure.
await_measuring() {
    local tries
    for ((tries = 0; tries < 300; tries++)); do
        [[ -e $1.spool/expected ]] && return
        sleep 0.1
    done
    fail "no rank began to measure for $1"
}

test_options() {
    probe --help >help
    same "--help" 0 $?
    has help "Exit codes: 0"
    probe --version >version
    has version "amorsize-probe "
    local wrong
    for wrong in --nonsense "--format yaml" "--quick --full" "--budget 0" "--timeout soon" "stray"; do
        # shellcheck disable=SC2086  # two words where there are two
        probe $wrong >out 2>err
        same "exit code of $wrong" 2 $?
        check "nothing on standard output for $wrong" test ! -s out
    done
    probe --quick --output missing/folder/x.yaml >out 2>err
    same "exit code where the profile cannot be written" 5 $?
    has err "missing/folder/x"
    has out "1 node in 1 class"
    mkdir -p taken/it.yaml
    echo old >taken/it.a.xml
    probe --quick --output taken/it.yaml >out 2>err
    same "exit code where a folder stands in the profile's place" 5 $?
    same "its topology is left as it was" old "$(cat taken/it.a.xml)"
    probe --collect nothing-here >out 2>err
    same "exit code without a spool" 3 $?
    has err "nothing-here"
    HWLOC_SYNTHETIC="nonsense:2" probe --quick >out 2>err
    same "exit code for a topology that is none" 3 $?
}

test_alone() {
    probe --quick --output alone.yaml >report 2>err
    same "exit code alone" 0 $?
    check "no warnings" test ! -s err
    has report "1 node in 1 class"
    has report "not fitted: this process was started alone"
    has alone.yaml "$readable"
    check "topology beside the profile" test -s alone.a.xml
    check "no spool is left" test ! -e alone.yaml.spool
    probe --quick --format json >report.json
    check "JSON" python3 -c 'import json; r = json.load(open("report.json")); assert r["classes"][0]["count"] == 1'
    probe --budget 1 --output full.yaml >report
    has report "bandwidth"
    has full.yaml "bandwidth_per_numa"
    check "bandwidth is in the topology" grep -q 'name="Bandwidth"' full.a.xml
    check "and that of one core" grep -q 'name="OneCoreBandwidth"' full.a.xml
    AMORSIZE_OUT=$(amorsize-advise --cluster full.yaml --dry-run --no-sample --explain job.yaml 2>&1)
    same "amorsize-advise plans with the profile" 0 $?
    AMORSIZE_OUT=$(tr -s ' \n' ' ' <<<"$AMORSIZE_OUT")
    check "by its measured start of a worker" \
        grep -qE "worker start: [0-9.]+ [mu]?s.* \(given: class a of full.yaml" <<<"$AMORSIZE_OUT"
}

test_ranks_of_a_node() {
    ranks 3 --quick --output three.yaml >report 2>err
    same "exit code of three ranks" 0 $?
    has report "1 node in 1 class"
    has report "$host"
    same "one of them reports" 1 "$(grep -c 'node in 1 class' report)"
    check "no spool is left" test ! -e three.yaml.spool
    ranks 3 --quick --output missing/folder/x.yaml >report 2>err
    same "exit code of ranks whose profile cannot be written" 5 $?
    has err "missing/folder/x"
    check "nothing was made there" test ! -e missing
    # mpirun binds two ranks to a core each; the node has them all.
    timeout 60 mpirun --oversubscribe -np 2 --bind-to core amorsize-probe --quick --format json >report.json
    same "a binding of mpirun's does not hide cores" "$(nproc)" \
        "$(python3 -c 'import json; print(json.load(open("report.json"))["classes"][0]["hardware_threads"])')"
}

test_classes() {
    timeout 60 mpirun --oversubscribe -np 3 amorsize-probe --quick --ranks-as-nodes --output two.yaml : \
        -np 2 -x HWLOC_SYNTHETIC="pack:2 numa:1 core:8 pu:2" amorsize-probe --quick --ranks-as-nodes --output two.yaml >report 2>err
    same "exit code of two kinds" 0 $?
    has report "5 nodes in 2 classes"
    has report "3 nodes: $host-rank[0-2]"
    has report "2 nodes: $host-rank[3-4]"
    has report "2 packages, 2 NUMA domains, 16 cores, 32 hardware threads"
    amorsize-advise --cluster two.yaml --dry-run --no-sample job.yaml >/dev/null
    same "amorsize-advise plans with two classes" 0 $?
}

test_rank_hangs() {
    ranks 4 --ranks-as-nodes --budget 2 --timeout 12 --output hang.yaml >report 2>err &
    local mpirun=$!
    await_measuring hang.yaml
    kill -STOP "$(pid_of_rank 2)"
    wait "$mpirun"
    has report "3 nodes in"
    has report "missing      $host-rank2"
    has err "no answer from 1 node: $host-rank2"
    has hang.yaml "warning: no answer from 1 node: $host-rank2"
    check "the others' figures are there" grep -qF "bandwidth_per_numa" hang.yaml
}

test_rank_dies() {
    timeout 100 mpirun --enable-recovery --oversubscribe -np 4 \
        amorsize-probe --ranks-as-nodes --budget 2 --timeout 12 --output dies.yaml --format json >report 2>err &
    local mpirun=$!
    await_measuring dies.yaml
    # Rank 2 stands between rank 3 and the root.
    kill -KILL "$(pid_of_rank 2)"
    wait "$mpirun"
    same "every node has its figures" "4 of 4" "$(figures report)"
    has err "warning: rank 2 on $host was ended by signal 9 (Killed)"
    check "nobody is missing" grep -qF '"missing": ""' report
}

test_rank_0_dies() {
    timeout 100 mpirun --enable-recovery --oversubscribe -np 3 \
        amorsize-probe --ranks-as-nodes --budget 2 --timeout 20 --output root.yaml >report 2>err &
    local mpirun=$!
    await_measuring root.yaml
    kill -KILL "$(pid_of_rank 0)"
    wait "$mpirun"
    has err "rank 0 on $host was ended by signal 9"
    has report "3 nodes in"
    check "a profile without rank 0" grep -qF "$readable" root.yaml
}

# A launcher ends all ranks when it sees one end. Here it sees none, and needs no --enable-recovery.
test_rank_crashes_as_mpi_starts() {
    local lost signal
    for lost in "0 11" "2 6"; do
        read -r lost signal <<<"$lost"
        timeout 100 mpirun --oversubscribe -np 3 -x AMORSIZE_LOST_RANK="$lost" -x AMORSIZE_LOST_BY="$signal" \
            env LD_PRELOAD="$AMORSIZE_BIN/amorsize_lost_rank.so" \
            amorsize-probe --ranks-as-nodes --budget 1 --timeout 40 --output start.yaml --format json >report 2>err
        same "rank $lost is lost: every node has its figures" "3 of 3" "$(figures report)"
        has err "warning: rank $lost on $host was ended by signal $signal "
        has start.yaml "# warning: rank $lost on $host was ended by signal $signal "
        same "rank $lost is lost: nothing is left but the profile" "start.a.xml start.yaml" "$(echo start.*)"
        rm -f start.*
    done
    timeout 100 mpirun --oversubscribe -np 2 -x AMORSIZE_LOST_RANK=1 -x AMORSIZE_LOST_BY=11 \
        env LD_PRELOAD="$AMORSIZE_BIN/amorsize_lost_rank.so" \
        amorsize-probe --quick --output start.yaml >report 2>err
    has report "1 node in 1 class"
    has err "warning: rank 1 on $host was ended by signal 11 "
}

# Where another user has put a link, files of ours could be replaced.
test_spool_that_is_not_ours() {
    mkdir elsewhere
    echo mine >elsewhere/expected
    ln -s elsewhere link.yaml.spool
    ranks 2 --quick --output link.yaml >report 2>err
    same "exit code with a link in the spool's place" 0 $?
    has report "1 node in 1 class"
    has err "cannot use the folder link.yaml.spool: it is a file or a link"
    rm link.yaml.spool
    mkdir -m 777 link.yaml.spool
    ranks 2 --quick --output link.yaml >report 2>err
    has err "cannot use the folder link.yaml.spool: other users can write there"
    same "nothing is written there" "expected: mine " "$(cd elsewhere && for file in *; do echo "$file: $(<"$file")"; done | tr '\n' ' ')$(ls link.yaml.spool)"
}

test_all_is_lost_but_the_spool() {
    ranks 4 --ranks-as-nodes --budget 1 --timeout 20 --output lost.yaml >report 2>err &
    local mpirun=$! tries
    await_measuring lost.yaml
    kill -STOP "$(pid_of_rank 3)"
    for ((tries = 0; tries < 200; tries++)); do
        [[ $(find lost.yaml.spool -name '*.survey' | wc -l) -ge 3 ]] && break
        sleep 0.1
    done
    kill -KILL "$mpirun"
    wait "$mpirun" 2>/dev/null
    [[ -e lost.yaml ]] && fail "the profile came too early for this test"
    probe --collect lost.yaml.spool --output lost.yaml >report 2>err
    same "exit code of --collect" 0 $?
    has report "3 nodes in"
    has err "no answer from 1 node: $host-rank3"
    has lost.yaml "$readable"
}

echo "amorsize: 1
name: job
command: [echo, '{item}']
items: {range: [0, 100]}
profile: {seconds: 2, peak_memory: 10MiB}" >job.yaml

test_options
test_alone
command -v mpirun >/dev/null || { echo "SKIPPED: mpirun is not installed"; exit 77; }
test_ranks_of_a_node
test_classes
test_rank_hangs
test_rank_dies
test_rank_0_dies
test_rank_crashes_as_mpi_starts
test_spool_that_is_not_ours
test_all_is_lost_but_the_spool
finish
