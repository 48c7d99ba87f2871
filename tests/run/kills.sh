#!/usr/bin/env bash
# Kills parts of runs at random moments, resumes, and checks each job at its end: every item done exactly once by
# the journals, none lost, its output there once.
#   kills.sh [KILLS] [SEED]      AMORSIZE_BIN: folder of the programs
# What is killed: an item's process, a rank, mpirun with all its ranks, or the disk: the jobs live on a small file
# system of their own (root; otherwise a limit on file sizes stands in), which is all but full for some runs.
. "$(dirname "$0")/support.sh"

export ASAN_OPTIONS=$no_leaks
kills=${1:-8}
RANDOM=${2:-$$}
items=400
killed=0
kinds=(item rank disk step)
declare -A kills_of=([item]=0 [rank]=0 [step]=0 [disk]=0)
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

# kill_something KIND PID: one random kill in the run started as process PID; false if none was found.
kill_something() {
    local target
    case $1 in
        item)
            # Items are short: the one picked may have ended.
            target=$(pgrep -f "item-of-$tag" | any_of)
            [ -n "$target" ] && grep -q "item-of-$tag" "/proc/$target/cmdline" 2>/dev/null &&
                kill -9 "$target" 2>/dev/null
            ;;
        rank)
            target=$(own_processes "^amorsize-run $tag.plan.yaml" | any_of)
            [ -n "$target" ] && kill -9 "$target" 2>/dev/null
            ;;
        step)
            for target in $2 $(own_processes "^amorsize-run $tag.plan.yaml"); do kill -9 "$target" 2>/dev/null; done
            ;;
    esac
}

run=""

# Nothing of a run may outlive this script.
end_run() {
    local pid
    [ -n "$run" ] || return
    for pid in $run $(own_processes "^amorsize-run $tag.plan.yaml"); do kill -9 "$pid" 2>/dev/null; done
    wait "$run" 2>/dev/null
    sleep 0.2
}

mkdir disk
if mount -t tmpfs -o size=16m tmpfs disk 2>/dev/null; then
    trap 'end_run; cd /; umount -l "$folder/disk"; rm -rf "$folder"' EXIT
    trap 'exit 130' INT TERM
    own_disk=yes
else
    own_disk=no
fi
cd disk || exit 1

# Leaves room for a few KiB.
fill_disk() {
    dd if=/dev/zero of=filler bs=4k 2>/dev/null
    truncate -s "-$(((2 + RANDOM % 24) * 4096))" filler
}

new_job() {
    rm -rf ./*
    tag=job$$-$jobs_finished
    if [ $((jobs_finished % 2)) = 0 ]; then
        job "$tag" exec "{range: [0, $items]}" "[bash, -c, 'sleep 0.0\$((RANDOM % 5)); echo \"out \$1\"', item-of-$tag, \"{item}\"]" \
            'retry: {attempts: 100, backoff: 0s}'
    else
        job "$tag" stream "{range: [0, $items]}" \
            "[bash, -c, 'while read -r i; do sleep 0.0\$((RANDOM % 5)); echo \"out \$i\"; done', item-of-$tag]" \
            'retry: {attempts: 100, backoff: 0s}'
    fi
    plan "$tag" 3 2 8 factoring
}

start_run() {
    kind=${kinds[killed % 4]}
    if [ "$kind" = disk ]; then
        if [ $own_disk = yes ]; then
            fill_disk
            mpirun --oversubscribe -np 3 amorsize-run "$tag.plan.yaml" --workers 2 >/dev/null 2>>../log &
        else
            # The disk is full once a file of the run has reached a few KiB.
            (trap '' XFSZ; ulimit -f $((2 + RANDOM % 12)); exec amorsize-run "$tag.plan.yaml" --workers 6 >/dev/null 2>>../log) &
        fi
    else
        mpirun --oversubscribe -np 3 amorsize-run "$tag.plan.yaml" --workers 2 >/dev/null 2>>../log &
    fi
    run=$!
}

check_job() {
    same "$tag: each item done exactly once" "$(seq 0 $((items - 1)))" "$(done_rows "$tag")"
    same "$tag: the output of each, once" "$(seq -f 'out %g' 0 $((items - 1)))" "$(amorsize-run "$tag.plan.yaml" --print stdout)"
}

new_job
runs=0
while [ "$killed" -lt "$kills" ]; do
    runs=$((runs + 1))
    [ $runs -gt $((20 + 5 * kills)) ] && fail "$runs runs for $killed kills: $(tail -2 ../log)" && break
    start_run
    hit=no
    if [ "$kind" != disk ]; then
        sleep "$((RANDOM % 2)).$((2 + RANDOM % 8))$((RANDOM % 10))"
        # On a slow machine nothing may have started by then.
        while [ $hit = no ] && kill -0 $run 2>/dev/null; do
            kill_something "$kind" $run && hit=yes || sleep 0.02
        done
    fi
    # An item that was killed is tried again; the run goes on by itself.
    wait $run 2>/dev/null
    code=$?
    rm -f filler
    [ "$kind" = disk ] && [ $code = 5 ] && hit=yes
    if [ $hit = yes ]; then
        kills_of[$kind]=$((kills_of[$kind] + 1))
        killed=$((killed + 1))
    fi
    case $code in
        0)
            check_job
            jobs_finished=$((jobs_finished + 1))
            new_job
            ;;
        6) fail "$tag: an item failed for good" ;;
    esac
    [ "$failures" -gt 3 ] && break
done
timeout 120 amorsize-run "$tag.plan.yaml" --workers 6 >/dev/null 2>>../log || fail "$tag: the last run did not finish"
check_job

echo "$killed kills: ${kills_of[item]} of items' processes, ${kills_of[rank]} of ranks, ${kills_of[step]} of whole steps," \
    "${kills_of[disk]} full disks (a file system of their own: $own_disk); $((jobs_finished + 1)) jobs of $items items finished"
finish
