#!/usr/bin/env bash
# Kills parts of runs over four nodes at random moments, resumes, and checks each job at its end: every item done
# exactly once by the journals, none lost, its output there once.
#   run_kills_test.sh [KILLS] [SEED]
# What is killed: an item's process, a rank, the whole step, or the power of a node.
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

[[ -x $bin/amorsize-run && -x $bin/make_plan ]] || skip "amorsize-run or make_plan is not built"
kills=${1:-4}
RANDOM=${2:-11}
items=400
kinds=(node worker rank step)
declare -A killed=([worker]=0 [rank]=0 [step]=0 [node]=0)
total=0
jobs_finished=0
down=""

trap '[[ -z $down ]] || "$here/cluster.sh" node-up "$down"; rm -rf "$work"' EXIT

on() { "$here/cluster.sh" exec "$@"; }

new_job() {
    tag=kills$$x$jobs_finished
    # shellcheck disable=SC2016 # expanded by the items
    local exec='[bash, -c, "sleep 0.0$((RANDOM % 9)); echo \"out $1\"", '"item-of-$tag"', "{item}"]'
    # shellcheck disable=SC2016
    local stream='[bash, -c, "while read -r i; do sleep 0.0$((RANDOM % 9)); echo \"out $i\"; done", '"item-of-$tag"']'
    local mode=exec command=$exec
    ((jobs_finished % 2)) && mode=stream command=$stream
    cat >"$tag.yaml" <<END
amorsize: 1
name: $tag
kind: tasks
command: $command
mode: $mode
items: {range: [0, $items]}
retry: {attempts: 100, backoff: 0s}
END
    "$bin/make_plan" "$tag.yaml" "$tag.plan.yaml" 4 3 8 factoring 1
}

start_run() {
    within 90 srun -J "$tag" -N4 -n4 --cpus-per-task=1 --mpi=pmix "$bin/amorsize-run" "$tag.plan.yaml" \
        >report 2>>log &
    run=$!
}

job_of_run() { squeue -h -n "$tag" -o %i | head -1; }

wait_until_gone() {
    local tries
    for ((tries = 0; tries < 300; tries++)); do
        [[ -z $(job_of_run) ]] && return
        sleep 0.1
    done
    fail "the job of $tag does not end"
}

wait_until_idle() {
    local tries
    for ((tries = 0; tries < 300; tries++)); do
        [[ $(sinfo -h -N -p main -t idle -o %N | sort -u | paste -sd' ') == "n1 n2 n3 n4" ]] && return
        sleep 0.1
    done
    fail "not all nodes came back"
}

# Srun waits long for a node that is gone.
end_srun() {
    kill -9 "$run" 2>/dev/null || true
    wait "$run" 2>/dev/null || true
}

# kill_something KIND: false if there was nothing left to kill.
kill_something() {
    local node=n$((RANDOM % 4 + 1)) target
    case $1 in
        worker)
            target=$(on "$node" pgrep -f "item-of-$tag" | shuf -n 1) || return 1
            on "$node" kill -9 "$target" || return 1
            ;;
        rank) on "$node" pkill -9 -x amorsize-run || return 1 ;;
        step)
            target=$(job_of_run)
            [[ -n $target ]] || return 1
            scancel --signal=KILL "$target" || return 1
            ;;
        node)
            on "$node" pgrep -x amorsize-run >/dev/null || return 1
            down=$node
            "$here/cluster.sh" node-down "$node"
            scontrol update nodename="$node" state=down reason="cut off by a test"
            ;;
    esac 2>>log
}

bring_back() {
    [[ -n $down ]] || return 0
    end_srun
    "$here/cluster.sh" node-up "$down"
    # It may have come back by itself.
    scontrol update nodename="$down" state=resume 2>>log || true
    down=""
    wait_until_idle
}

done_once() { awk -F'\t' 'NR > 1 && $11 == "done" {print $1 - 1}' "$tag.joblog" | sort -n; }

check_job() {
    [[ $(done_once) == "$(seq 0 $((items - 1)))" ]] || fail "$tag: not each item is done exactly once"
    [[ $("$bin/amorsize-run" "$tag.plan.yaml" --print stdout) == "$(seq -f 'out %g' 0 $((items - 1)))" ]] ||
        fail "$tag: the output of each is not there once"
    jobs_finished=$((jobs_finished + 1))
}

wait_until_idle
new_job
while ((total < kills)); do
    start_run
    sleep "$((RANDOM % 3)).$((RANDOM % 10))$((RANDOM % 10))"
    kind=${kinds[total % ${#kinds[@]}]}
    if kill_something "$kind"; then
        killed[$kind]=$((killed[$kind] + 1))
        total=$((total + 1))
    fi
    bring_back
    code=0
    wait "$run" 2>/dev/null || code=$?
    wait_until_gone
    ((code != 6)) || fail "$tag: an item failed for good"
    ((code != 0)) && continue
    check_job
    new_job
done
start_run
wait "$run" || fail "the last run did not finish: $(tail -3 log)"
check_job
echo "ok: $total kills (${killed[worker]} of items' processes, ${killed[rank]} of ranks, ${killed[step]} of steps," \
    "${killed[node]} of nodes); $jobs_finished jobs of $items items, each item done exactly once"
