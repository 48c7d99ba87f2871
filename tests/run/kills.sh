#!/usr/bin/env bash
# Kills parts of runs at random moments, resumes, and checks each job at its end: every item done exactly once by
# the journals, none lost, its output there once.
#   kills.sh [KILLS] [SEED]      AMORSIZE_BIN: folder of the programs
# What is killed: an item's process, a rank, mpirun with all its ranks, or the disk (a limit on file sizes).
. "$(dirname "$0")/support.sh"

kills=${1:-8}
RANDOM=${2:-$$}
items=400
killed=0
worker_kills=0 rank_kills=0 step_kills=0 disk_kills=0
jobs_finished=0

# Process ids whose command line holds $1 and that descend from this script.
own_processes() {
    pgrep -f "$1" | while read -r pid; do
        local ancestor=$pid
        while [ "$ancestor" -gt 1 ] && [ "$ancestor" != $$ ]; do
            ancestor=$(awk '/^PPid/ {print $2}' "/proc/$ancestor/status" 2>/dev/null || echo 1)
        done
        [ "$ancestor" = $$ ] && echo "$pid"
    done
}

any_of() {
    shuf -n 1 --random-source=<(yes $RANDOM)
}

# kill_something PID: one random kill in the run started as process PID
kill_something() {
    local target
    case $((RANDOM % 3)) in
        0)
            for _ in 1 2 3 4 5; do
                target=$(pgrep -f "item-of-$tag" | any_of)
                [ -n "$target" ] && grep -q "item-of-$tag" "/proc/$target/cmdline" 2>/dev/null && break
            done
            [ -n "$target" ] && kill -9 "$target" 2>/dev/null && worker_kills=$((worker_kills + 1)) && return
            ;;
        1)
            target=$(own_processes "^amorsize-run $tag.plan.yaml" | any_of)
            [ -n "$target" ] && kill -9 "$target" 2>/dev/null && rank_kills=$((rank_kills + 1)) && return
            ;;
        2)
            for target in $1 $(own_processes "^amorsize-run $tag.plan.yaml"); do kill -9 "$target" 2>/dev/null; done
            step_kills=$((step_kills + 1))
            return
            ;;
    esac
    return 1
}

new_job() {
    tag=job$$-$jobs_finished
    if [ $((jobs_finished % 2)) = 0 ]; then
        job "$tag" exec "{range: [0, $items]}" "[bash, -c, 'sleep 0.0\$((RANDOM % 3)); echo \"out \$1\"', item-of-$tag, \"{item}\"]" \
            'retry: {attempts: 100, backoff: 0s}'
    else
        job "$tag" stream "{range: [0, $items]}" \
            "[bash, -c, 'while read -r i; do sleep 0.0\$((RANDOM % 3)); echo \"out \$i\"; done', item-of-$tag]" \
            'retry: {attempts: 100, backoff: 0s}'
    fi
    plan "$tag" 3 2 8 factoring
}

start_run() {
    if [ $((RANDOM % 5)) = 0 ]; then
        # The disk is full once a file of the run has reached a few KiB.
        disk_kills=$((disk_kills + 1))
        killed=$((killed + 1))
        (trap '' XFSZ; ulimit -f $((2 + RANDOM % 12)); exec amorsize-run "$tag.plan.yaml" --workers 6 >/dev/null 2>>log) &
    else
        mpirun --oversubscribe -np 3 amorsize-run "$tag.plan.yaml" --workers 2 >/dev/null 2>>log &
    fi
    run=$!
}

check_job() {
    same "$tag: each item done exactly once" "$(seq 0 $((items - 1)))" "$(done_rows "$tag")"
    same "$tag: the output of each, once" "$(seq -f 'out %g' 0 $((items - 1)))" "$(amorsize-run "$tag.plan.yaml" --print stdout)"
}

new_job
while [ "$killed" -lt "$kills" ]; do
    start_run
    sleep "0.$((RANDOM % 10))$((RANDOM % 10))"
    kill -0 $run 2>/dev/null && kill_something $run && killed=$((killed + 1))
    # An item that was killed is tried again; the run goes on by itself.
    wait $run 2>/dev/null
    case $? in
        0)
            check_job
            jobs_finished=$((jobs_finished + 1))
            new_job
            ;;
        6) fail "$tag: an item failed for good" ;;
    esac
    [ "$failures" -gt 3 ] && break
done
timeout 120 amorsize-run "$tag.plan.yaml" --workers 6 >/dev/null 2>>log || fail "$tag: the last run did not finish"
check_job

echo "$killed kills: $worker_kills of items' processes, $rank_kills of ranks, $step_kills of whole steps, $disk_kills full disks;" \
    "$((jobs_finished + 1)) jobs of $items items finished"
finish
