#!/usr/bin/env bash
# amorsize-run from the outside: modes, failures, stops, resumption, what it refuses.
. "$(dirname "$0")/support.sh"

test_exec() {
    job exec exec '{range: [5, 105]}' '[sh, -c, "echo $0 $AMORSIZE_ITEM $OMP_NUM_THREADS; echo to-stderr >&2", "{item}/{index}"]'
    plan exec 1 2 10 factoring
    amorsize-run exec.plan.yaml --workers 2 >report 2>progress
    same "exit code of a complete run" 0 $?
    check "the report says how many items are done" grep -q "^exec: 100 of 100 items done" report
    same "output comes in item order" "$(seq 5 104 | awk '{print $1 "/" NR - 1 " " $1 " 1"}')" \
        "$(amorsize-run exec.plan.yaml --print stdout)"
    same "stderr is kept apart" 100 "$(amorsize-run exec.plan.yaml --print stderr | grep -c to-stderr)"
    same "each item has a row in the job log" "$(seq 0 99)" "$(done_rows exec)"
    check "GNU parallel's columns come first" grep -q "^Seq	Host	Starttime	JobRuntime	Send	Receive	Exitval	Signal	Command	" exec.joblog
    same "amorsize-report tells the same of the plan" "$(cat report)" "$(amorsize-report exec.plan.yaml)"
    amorsize-run exec.plan.yaml --format json >report.json
    same "a second run finds nothing to do" 0 $?
    check "and says so in JSON" grep -q '"done_before": 100' report.json
    same "no item was run twice" "$(seq 0 99)" "$(done_rows exec)"
}

test_large_output() {
    job large exec '{range: [0, 6]}' '[sh, -c, "yes $0 | head -c 3000000", "{item}"]'
    plan large 1 3 1 fixed
    amorsize-run large.plan.yaml --workers 3 >/dev/null
    same "large outputs stay whole" "$(for i in 0 1 2 3 4 5; do yes $i | head -c 3000000; done | md5sum)" \
        "$(amorsize-run large.plan.yaml --print stdout | md5sum)"
}

test_shell_command() {
    job shell exec '{file: words}' "'echo \"got {item}\"'"
    printf '%s\n' 'plain' '$(touch pwned)' '`touch pwned`' "it's" '"; touch pwned; "' 'a  b' '*' >words
    plan shell 1 1 2 fixed
    amorsize-run shell.plan.yaml >/dev/null
    same "items never become shell code" "$(sed 's/^/got /' words)" "$(amorsize-run shell.plan.yaml --print stdout)"
    check "and run nothing" test ! -e pwned
}

test_batch() {
    job batch batch '{range: [0, 100]}' '[echo, "{items}"]'
    plan batch 1 2 10 fixed
    amorsize-run batch.plan.yaml --workers 2 >/dev/null
    same "a process per chunk" 10 "$(amorsize-run batch.plan.yaml --print stdout | wc -l)"
    same "every item reaches a command line" "$(seq 0 99)" "$(amorsize-run batch.plan.yaml --print stdout | tr ' ' '\n')"
}

test_long_batch() {
    seq 1 40 | awk '{printf "%0100000d\n", $1}' >long
    job long batch '{file: long}' '[sh, -c, "echo $#", sh, "{items}"]'
    plan long 1 1 40 fixed
    amorsize-run long.plan.yaml >/dev/null
    same "a chunk too long for one command line takes several" 0 $?
    same "and loses no item" 40 "$(amorsize-run long.plan.yaml --print stdout | awk '{n += $1} END {print n}')"
}

test_stream() {
    mkdir names
    touch "names/plain" "names/back\\slash" "names/new
line" "names/ spaces  "
    job stream stream '{glob: "names/*"}' '[sed, -u, "s/^/got /"]'
    plan stream 1 2 2 factoring
    amorsize-run stream.plan.yaml --workers 2 >/dev/null
    same "an item of any bytes is one line" \
        'got names/ spaces  |got names/back\\slash|got names/new\nline|got names/plain|' \
        "$(amorsize-run stream.plan.yaml --print stdout | tr '\n' '|')"
}

test_stream_worker_dies() {
    cat >worker.sh <<'END'
while IFS= read -r item; do
    [ "$item" = 50 ] && exit 3
    [ "$item" = 60 ] && echo "amorsize:fail not today" && continue
    echo "got $item"
done
END
    job dies stream '{range: [0, 100]}' '[bash, worker.sh]' 'retry: {attempts: 2, backoff: 0s}'
    plan dies 1 2 50 factoring
    amorsize-run dies.plan.yaml --workers 2 >report
    same "exit code when items fail for good" 6 $?
    check "the report says where to look" grep -q "failed .*dies.failed has the items" report
    same "what fails is listed" "$(printf '50\n60')" "$(sort -n dies.failed)"
    same "a worker that dies takes no other item with it" 98 "$(done_rows dies | wc -l)"
    same "each attempt has a row" 4 "$(awk -F'\t' '$1 == 51 || $1 == 61' dies.joblog | wc -l)"
    sed -i 's/= 50/= x/' worker.sh
    amorsize-run dies.plan.yaml >/dev/null
    same "failed items are not run again by themselves" 6 $?
    amorsize-run dies.plan.yaml --retry-failed >/dev/null
    same "unless asked for" 60 "$(cat dies.failed)"
}

# A line too many moves every later answer to the wrong item; where it came, nothing tells.
test_stream_worker_answers_twice() {
    cat >worker.sh <<'END'
while IFS= read -r item; do
    echo "got $item"
    [ "$item" = "$1" ] && echo "once more"
    sleep "$2"
done
[ -z "$3" ] || echo "$3"
END
    local extra distrusted
    for extra in '"7", "0", ""' '"7", "0.003", ""' '"11", "0", ""' '"7", "0.06", ""' 'none, "0", goodbye'; do
        job double stream '{range: [0, 12]}' "[bash, worker.sh, $extra]"
        plan double 1 1 12 fixed
        rm -rf double.run
        timeout 30 amorsize-run double.plan.yaml --workers 1 >report
        same "exit code when a worker answers twice ($extra)" 6 $?
        check "the report says why ($extra)" grep -q "withdrawn  [0-9]* answers of workers that did not write one line" report
        # A line that comes while nothing is asked ends the worker at once, and another takes what is left.
        distrusted=$(wc -l <double.failed)
        same "none of its answers counts ($extra)" "$(seq 0 $((distrusted - 1)))" "$(sort -n double.failed)"
        check "those before the line too many neither ($extra)" test "$distrusted" -gt "$((10#$(tr -dc 0-9 <<<"0${extra%%,*}")))"
        same "each item's stderr says so ($extra)" "$distrusted" \
            "$(amorsize-run double.plan.yaml --print stderr | grep -c 'wrote [0-9]* lines for [0-9]* items')"
        same "the others have answers of their own ($extra)" "$(seq -f 'got %g' "$distrusted" 11)" \
            "$(amorsize-run double.plan.yaml --print stdout | tail -n "$((12 - distrusted))")"
    done
    job double stream '{range: [0, 40]}' '[bash, worker.sh, 7, "0.003", ""]'
    plan double 1 2 40 fixed
    rm -rf double.run
    amorsize-run double.plan.yaml --workers 2 >report
    same "another worker's answers stay" "$(sort -n double.failed)" \
        "$(awk -F'\t' '$11 == "withdrawn" {print $1 - 1}' double.joblog | sort -n)"
    check "though not all are withdrawn" test "$(wc -l <double.failed)" -lt 40
    sed -i 's/^.*once more.*$//' worker.sh
    amorsize-run double.plan.yaml --retry-failed >report
    same "exit code once the worker is mended" 0 $?
    same "every item has its own answer" "$(seq -f 'got %g' 0 39)" "$(amorsize-run double.plan.yaml --print stdout)"
}

# misbehave WORKER [OPTION...]: ten items to one worker, which is the body of a shell loop; the exit code in $code
misbehave() {
    local worker=$1
    shift
    printf '%s\n' "$worker" >worker.sh
    job mute stream '{range: [0, 10]}' '[bash, worker.sh]'
    plan mute 1 1 10 fixed
    rm -rf mute.run
    timeout 60 amorsize-run mute.plan.yaml --workers 1 "$@" >report 2>message
    code=$?
}
stderr_of_items() { amorsize-run mute.plan.yaml --print stderr; }

# The end of its input tells a worker that waits from one that works.
test_stream_worker_answers_too_little() {
    local code
    misbehave 'while read -r i; do [ "$i" = 4 ] || echo "got $i"; done' --silence 2
    same "exit code when a worker passes an item over" 6 $code
    check "a message names the worker and the item it is owed" grep -q 'worker 0 of rank 0 has read item 9 ("9")' message
    same "none of its answers counts" "$(seq 0 9)" "$(sort -n mute.failed)"
    same "each item says why" 10 "$(stderr_of_items | grep -c 'wrote 9 lines for 10 items')"
    check "the report counts those that were withdrawn" grep -q "withdrawn  9 answers" report
    sed -i 's/ = 4/ = x/' worker.sh
    amorsize-run mute.plan.yaml --retry-failed >report
    same "exit code once the worker is mended" 0 $?
    same "every item has its own answer" "$(seq -f 'got %g' 0 9)" "$(amorsize-run mute.plan.yaml --print stdout)"

    misbehave 'while read -r i; do [ "$i" = 9 ] && printf "got 9" || echo "got $i"; done' --silence 2
    same "exit code when an answer has no end" 6 $code
    same "which each item says" 10 "$(stderr_of_items | grep -c 'wrote 9 lines and one without its end for 10 items')"

    misbehave 'while read -r i; do :; done' --silence 2
    same "exit code when a worker answers nothing at all" 5 $code
    check "the report says what to do" grep -q "worker 0 of rank 0 does not answer.*flush" report

    misbehave 'while read -r i; do answers+="got $i|"; done; echo -n "$answers" | tr "|" "\n"' --silence 2
    same "exit code when a worker holds its answers back" 5 $code
    check "what it answers in the end counts" grep -q "^got 0$" <(amorsize-run mute.plan.yaml --print stdout)

    misbehave 'while read -r i; do [ "$i" != 3 ] || sleep 5; echo "got $i"; done' --silence 2
    same "a slow worker loses no item" "0 $(seq -f 'got %g' 0 9)" "$code $(amorsize-run mute.plan.yaml --print stdout)"
}

test_stream_worker_misbehaves() {
    local code
    misbehave 'while read -r i; do echo "got $i"; [ "$i" != 5 ] || { exec >&-; sleep 100; }; done'
    same "a worker that closes its output costs no item that it has not read" "0 $(seq -f 'got %g' 0 9)" \
        "$code $(amorsize-run mute.plan.yaml --print stdout)"

    rm -rf once
    misbehave 'mkdir once && exec <&- && sleep 100; while read -r i; do echo "got $i"; done' --silence 2
    same "exit code when a worker closes its input and goes on" 6 $code
    same "only the item it was given fails" 0 "$(cat mute.failed)"
    check "and says why" grep -q "closed its input before" <(stderr_of_items)

    misbehave 'while read -r i; do [ "$i" = 5 ] && head -c 80M /dev/zero; echo "got $i"; done'
    same "exit code when an answer has no end in sight" 6 $code
    same "only that item fails" 5 "$(cat mute.failed)"
    check "and says why" grep -q "more than 64 MiB" <(stderr_of_items)

    misbehave 'while read -r i; do yes "error $i" | head -c 3M >&2; echo "got $i"; done'
    same "a flood of messages is kept whole" "0 $(for i in $(seq 0 9); do yes "error $i" | head -c 3M; done | md5sum)" \
        "$code $(stderr_of_items | md5sum)"

    misbehave 'read -r i; echo "got $i"'
    same "workers that end after every item are started anew" "0 $(seq -f 'got %g' 0 9)" \
        "$code $(amorsize-run mute.plan.yaml --print stdout)"

    misbehave 'echo hello; while read -r i; do echo "got $i"; done'
    same "a greeting is found out by the end" "6 10" "$code $(wc -l <mute.failed)"
}

# Each item leaves a daemon the classic way: an orphan whose session leader has ended.
test_daemons() {
    cat >daemon.sh <<'END'
(setsid sh -c 'sleep 300 & echo $! >pid.'"$1" </dev/null >/dev/null 2>&1 &)
sleep "$2"
kill -0 "$(cat pid."$1")" && echo "own daemon runs"
[ "$1" = 2 ] && ! kill -0 "$(cat pid.0)" 2>/dev/null && echo "the first one has ended"
[ "$1" != 1 ] || { sleep 1; kill -0 "$(cat pid.1)" && echo "still"; }
END
    job daemons exec '{file: waits}' "'item={item}; set -- \$item; . ./daemon.sh'"
    printf '%s\n' '0 0.2' '1 1.5' '2 1.5' >waits
    plan daemons 1 2 1 fixed
    amorsize-run daemons.plan.yaml --workers 2 >/dev/null
    same "a daemon lives as long as its item and no longer" \
        "own daemon runs|own daemon runs|still|own daemon runs|the first one has ended|" \
        "$(amorsize-run daemons.plan.yaml --print stdout | tr '\n' '|')"
    local pid
    for pid in $(cat pid.?); do
        check "no daemon outlives the run" test ! -e "/proc/$pid"
    done
}

test_retry() {
    job retry exec '{range: [0, 5]}' "'if [ {item} = 3 ] && ! mkdir once; then exit 0; fi; [ {item} != 3 ]'" 'retry: {attempts: 3, backoff: 50ms}'
    plan retry 1 1 5 fixed
    amorsize-run retry.plan.yaml 2>/dev/null >report
    same "an item may fail and be done later" 0 $?
    check "which the report counts" grep -q "retries    1" report
}

test_program() {
    job program program '{count: 100}' "'echo rank \$AMORSIZE_RANK of \$AMORSIZE_RANKS; env | grep -c ^OMPI_COMM || true'"
    plan program 3 1 34 fixed
    mpi 3 program.plan.yaml >/dev/null 2>&1
    same "exit code in mode program" 0 $?
    same "one start a rank, without the launcher's variables" "rank 0 of 3,0,rank 1 of 3,0,rank 2 of 3,0," \
        "$(amorsize-run program.plan.yaml --print stdout | tr '\n' ',')"
}

test_ranks() {
    job ranks exec '{range: [0, 400]}' '[echo, "{item}"]'
    for schedule in fixed guided factoring weighted_factoring; do
        plan ranks 4 1 10 "$schedule"
        mpi 4 ranks.plan.yaml --fresh --format json >report.json 2>/dev/null
        same "exit code over four ranks ($schedule)" 0 $?
        same "four ranks share items out ($schedule)" "$(seq 0 399)" "$(done_rows ranks)"
        same "and the output is whole" "$(seq 0 399)" "$(amorsize-run ranks.plan.yaml --print stdout)"
    done
    check "the report has all ranks" grep -q '"rank": 3' report.json
}

test_placeholders() {
    job places exec '{range: [100, 140]}' '[sh, -c, "echo \"$@\"; sleep 0.02", sh, "{item}", "i={index}", "r={rank}", "w={worker}"]'
    plan places 2 2 2 factoring
    mpi 2 places.plan.yaml >/dev/null 2>&1
    same "item, index, rank and worker are replaced in arguments, and told in the job log" \
        "$(awk -F'\t' 'NR > 1 {print 99 + $1, "i=" $1 - 1, "r=" $15, "w=" $16}' places.joblog | sort -n)" \
        "$(amorsize-run places.plan.yaml --print stdout)"
    check "both ranks had their share" test "$(awk -F'\t' 'NR > 1 {print $15}' places.joblog | sort -u | wc -l)" = 2
}

test_stop() {
    job stop exec '{range: [0, 200]}' '[sh, -c, "sleep 0.05; echo $0", "{item}"]'
    for signal in TERM USR1 INT; do
        plan stop 1 2 5 factoring
        amorsize-run stop.plan.yaml --workers 2 --fresh >report 2>&1 &
        local pid=$!
        sleep 0.7
        kill -$signal $pid
        wait $pid
        same "exit code after SIG$signal" 7 $?
        check "it is said at once what happens next" grep -q "^SIG$signal: no new items; running ones have 20 s" report
        check "the report names SIG$signal" grep -q "stopped .*SIG$signal" report
        amorsize-run stop.plan.yaml --workers 8 >report
        same "exit code of the resumption" 0 $?
        same "nothing lost or repeated by SIG$signal" "$(seq 0 199)" "$(done_rows stop)"
    done
}

state_of() { awk '/^State/ {print $2}' "/proc/$1/status" 2>/dev/null; }

test_suspension() {
    job pause exec '{range: [0, 2]}' '[sleep, "1.234"]'
    plan pause 1 2 1 fixed
    amorsize-run pause.plan.yaml --workers 2 >report 2>&1 &
    local pid=$! item
    sleep 0.4
    item=$(pgrep -P $pid | head -1)
    kill -TSTP $pid
    sleep 0.2
    same "SIGTSTP stops the rank and its items" "T T" "$(state_of $pid) $(state_of "$item")"
    kill -CONT $pid
    wait $pid
    same "and SIGCONT has both go on" 0 $?
}

test_terminal() {
    command -v script >/dev/null || return
    job tty exec '{range: [0, 1]}' "'read -r answer </dev/tty || exit 3'"
    plan tty 1 1 1 fixed
    timeout 20 script -qec 'amorsize-run tty.plan.yaml' /dev/null </dev/null >/dev/null 2>&1
    same "an item that asks the terminal fails and does not hang" 6 $?
}

test_closed_streams() {
    job closed exec '{range: [0, 4]}' '[echo, "{item}"]'
    plan closed 1 2 1 fixed
    timeout 20 amorsize-run closed.plan.yaml --fresh 2>&- >report
    same "exit code without a stderr" 0 $?
    timeout 20 amorsize-run closed.plan.yaml --fresh <&- >&- 2>&-
    same "exit code without any standard stream" 0 $?
    same "outputs go where they belong" "$(seq 0 3)" "$(amorsize-run closed.plan.yaml --print stdout)"
}

test_stop_with_long_items() {
    job stuck exec '{range: [0, 4]}' '[sleep, "60"]'
    plan stuck 1 2 1 fixed
    amorsize-run stuck.plan.yaml --workers 2 --grace 0.3 >report 2>&1 &
    local pid=$!
    sleep 0.5
    local begin=$SECONDS
    kill -TERM $pid
    wait $pid
    same "exit code after the grace" 7 $?
    check "long items are ended when the grace is over" test $((SECONDS - begin)) -lt 10
    check "what was ended is missing, not failed" grep -q "0 of 4 items done, 4 missing" report
}

test_kill() {
    seq 0 2999 | sed 's/$/ 2/' >milliseconds
    job kill stream '{file: milliseconds}' '[stream_worker, sleep]'
    plan kill 1 4 20 factoring
    amorsize-run kill.plan.yaml --workers 4 >/dev/null 2>&1 &
    local pid=$!
    # On a slow machine nothing may be on record by then.
    until [ "$(stat -c %s kill.run/journal.1.0 2>/dev/null || echo 0)" -gt 1000 ]; do sleep 0.1; done
    kill -9 $pid
    wait $pid 2>/dev/null
    timeout 60 amorsize-run kill.plan.yaml --workers 8 >report
    same "exit code after kill -9 and resumption" 0 $?
    check "what was done before counts" grep -q "(run 2; [1-9]" report
    same "nothing lost or repeated" "$(seq 0 2999)" "$(done_rows kill)"
}

test_disk_full() {
    job full exec '{range: [0, 300]}' '[echo, "{item}"]'
    plan full 1 2 10 factoring
    # A limit on the size of files stands in for the disk: 8 KiB hold some of the journal.
    (trap '' XFSZ; ulimit -f 8; exec amorsize-run full.plan.yaml --workers 2 >report 2>&1)
    same "exit code when nothing can be written" 5 $?
    check "the report says why" grep -q "broken.*cannot write" report
    amorsize-run full.plan.yaml >report
    same "exit code of the resumption" 0 $?
    same "nothing lost or repeated" "$(seq 0 299)" "$(done_rows full)"
}

# Makes a memory cgroup of 200 MB; its folder in $group. False where there can be none.
make_small_group() {
    group=/sys/fs/cgroup/memory/amorsize-run-test-$$
    local limit=memory.limit_in_bytes
    [ -d /sys/fs/cgroup/memory ] || { group=/sys/fs/cgroup/amorsize-run-test-$$ limit=memory.max; }
    if ! command -v python3 >/dev/null || ! mkdir "$group" 2>/dev/null || ! echo 200M 2>/dev/null >"$group/$limit"; then
        rmdir "$group" 2>/dev/null
        echo "SKIPPED: needs python3 and a memory cgroup of its own (root)"
        return 1
    fi
    # Swapped pages would hide the shortage.
    [ -e "$group/memory.swap.max" ] && echo 0 >"$group/memory.swap.max"
    return 0
}

test_out_of_memory_in_stream() {
    local group
    if grep -q __asan_init "$AMORSIZE_BIN/amorsize-run"; then
        echo "SKIPPED: with the address sanitizer amorsize-run alone fills that group"
        return
    fi
    make_small_group || return
    # Workers keep what they have taken: only once the others have ended is there room for the large one.
    cat >hoard.py <<'END'
import sys
hoard = bytearray()
for line in sys.stdin:
    hoard = bytearray(max(len(hoard), int(line) << 20))
    print("got", line.strip(), flush=True)
END
    { seq 40 51; echo 130; seq 10 29; } >hoards
    job hoard stream '{file: hoards}' '[python3, hoard.py]'
    plan hoard 1 3 1 fixed
    (echo "$BASHPID" >"$group/cgroup.procs"; exec amorsize-run hoard.plan.yaml --workers 3 >report)
    same "exit code when long-lived workers crowd one out" 0 $?
    rmdir "$group"
    same "every item is done" "$(seq 0 32)" "$(done_rows hoard)"
    check "the large one was killed and had the rank to itself" grep -q "killed for memory and run again alone" report
    check "the job log has the memory of workers" awk -F'\t' 'NR > 1 && $12 > 100000 {found = 1} END {exit !found}' hoard.joblog
}

test_out_of_memory() {
    local group
    make_small_group || return
    printf '%s\n' 10 90 91 92 10 300 10 >megabytes
    job oom exec '{file: megabytes}' '[python3, -c, "import sys, time; x = bytearray(int(sys.argv[1]) << 20); time.sleep(0.5)", "{item}"]'
    plan oom 1 4 1 fixed
    (echo "$BASHPID" >"$group/cgroup.procs"; exec amorsize-run oom.plan.yaml --workers 4 >report)
    same "exit code when one item cannot fit at all" 6 $?
    rmdir "$group"
    same "items that fit alone are done alone" "0 1 2 3 4 6" "$(done_rows oom | tr '\n' ' ' | sed 's/ $//')"
    check "the job log says what was killed for memory" grep -q "out-of-memory" oom.joblog
    same "the one that does not fit fails after its try alone" 300 "$(cat oom.failed)"
    check "the report counts the kills" grep -q "killed for memory and run again alone" report
}

test_sampled_items() {
    job reused exec '{range: [0, 60]}' "'echo {item} >>starts; sleep 0.05; echo out {item}; echo err {item} >&2'" \
        'resources: {memory: 20MiB}' 'sample: {size: 6, reuse: true, budget: 20s}'
    amorsize-advise reused.yaml --local >/dev/null || fail "no advice for reused"
    local sampled
    sampled=$(sort -n starts | uniq | wc -l)
    check "advice ran a sample" test "$sampled" -ge 1
    amorsize-run reused.plan.yaml >report
    same "exit code after a sample" 0 $?
    same "no sampled item is run again" "" "$(sort -n starts | uniq -d)"
    same "their output is there" "$(seq -f 'out %g' 0 59)" "$(amorsize-run reused.plan.yaml --print stdout)"
    same "their stderr too" "$(seq -f 'err %g' 0 59)" "$(amorsize-run reused.plan.yaml --print stderr)"
    same "each item has one row in the job log" "$(seq 0 59)" "$(done_rows reused)"
    check "the report says how many were done before" grep -q "$sampled were done before" report
    : >starts
    amorsize-run reused.plan.yaml --fresh >report
    same "a fresh start runs all items" "$(seq 0 59)" "$(sort -n starts)"
    amorsize-advise reused.yaml --local >/dev/null
    head -c 40 reused.kept >torn && mv torn reused.kept
    rm -r reused.run
    amorsize-run reused.plan.yaml >report 2>message
    same "exit code with a torn file of samples" 0 $?
    check "the torn file is named" grep -q "reused.kept.*run again" message
}

test_two_at_once() {
    job twice exec '{range: [0, 100]}' '[sleep, "0.2"]'
    plan twice 1 2 10 factoring
    amorsize-run twice.plan.yaml --workers 2 >/dev/null 2>&1 &
    local pid=$!
    sleep 0.3
    amorsize-run twice.plan.yaml >/dev/null 2>message
    same "exit code of a second run beside the first" 5 $?
    check "it names the first" grep -q "in use by process $pid" message
    kill -TERM $pid
    wait $pid
}

test_elements() {
    job array exec '{range: [0, 23]}' 'echo {item} | tee -a ran; test {item} != 7'
    plan array 1 2 2 factoring 2 4
    local element
    for element in 0 1 2; do
        amorsize-run array.plan.yaml --element $element >/dev/null 2>&1
        same "exit code of element $element" 0 $?
    done
    amorsize-run array.plan.yaml --element 3 >/dev/null 2>&1
    same "exit code of the element whose item failed" 6 $?
    same "each item ran once" "$(seq 0 22)" "$(sort -n ran)"
    same "an element's items" "$(seq 2 4 22)" "$(amorsize-run array.plan.yaml --element 2 --print stdout)"
    same "all elements' items" "$(seq 0 22)" "$(amorsize-run array.plan.yaml --print stdout)"
    same "what failed" 7 "$(cat array.run/element.3.failed)"
    amorsize-run array.plan.yaml --element 1 >again 2>&1
    same "exit code of an element that is done" 0 $?
    same "nothing ran again" 23 "$(wc -l <ran)"
    amorsize-run array.plan.yaml --element 3 --retry-failed >/dev/null 2>&1
    same "only the failed item ran again" "$(seq 0 22 | cat - <(echo 7) | sort -n)" "$(sort -n ran)"
    amorsize-run array.plan.yaml >/dev/null 2>&1
    same "a run of the whole knows what the elements did" 24 "$(wc -l <ran)"
    amorsize-run array.plan.yaml --element 4 >/dev/null 2>message
    same "exit code of an element that is not there" 2 $?
    check "it says which there are" grep -q "elements 0 to 3" message
    plan array 1 2 2 factoring
    amorsize-run array.plan.yaml --element 0 >/dev/null 2>message
    same "exit code of an element of no array" 2 $?
    check "it says so" grep -q "the plan is no job array" message
}

test_elements_side_by_side() {
    local began='echo {item} >>began; until [ -e go ]; do sleep 0.05; done'
    job beside exec '{range: [0, 40]}' "[sh, -c, '$began; echo {item} >>ran_beside']"
    plan beside 1 2 2 factoring 2 2
    amorsize-run beside.plan.yaml --element 0 >/dev/null 2>&1 &
    local first=$!
    amorsize-run beside.plan.yaml --element 1 >/dev/null 2>&1 &
    local second=$!
    at_work() { (($(wc -l <began) == 4)); }
    await "both elements at work" at_work
    amorsize-run beside.plan.yaml >/dev/null 2>message
    same "exit code of a run of the whole beside elements" 5 $?
    check "it names the folder" grep -q "beside.run is in use" message
    touch go
    wait $first
    same "exit code of an element beside another" 0 $?
    wait $second
    same "exit code of the other" 0 $?
    same "each item ran once" "$(seq 0 39)" "$(sort -n ran_beside)"
    rm began go
    cp beside.yaml longer.yaml
    plan longer 1 2 2 factoring 2 2
    amorsize-run longer.plan.yaml >/dev/null 2>&1 &
    first=$!
    await "the run of the whole at work" test -e began
    amorsize-run longer.plan.yaml --element 0 >/dev/null 2>message
    same "exit code of an element beside a run of the whole" 5 $?
    check "it says of what" grep -q "in use by a run of the whole plan" message
    kill -TERM $first
    touch go
    wait $first
}

test_changed_items() {
    job changed exec '{file: list}' '[echo, "{item}"]'
    printf 'a\nb\n' >list
    plan changed 1 1 1 fixed
    amorsize-run changed.plan.yaml >/dev/null
    printf 'a\nc\n' >list
    amorsize-run changed.plan.yaml >/dev/null 2>message
    same "exit code when the items have changed" 3 $?
    check "it says what to do" grep -q -- "--fresh" message
    amorsize-run changed.plan.yaml --fresh >/dev/null
    same "exit code of a fresh start" 0 $?
    same "a fresh start forgets" "a c " "$(amorsize-run changed.plan.yaml --print stdout | tr '\n' ' ')"
}

test_fresh_start() {
    job anew exec '{range: [0, 2]}' "'until [ -e go ]; do sleep 0.05; done; test {item} = 0'"
    plan anew 1 2 1 fixed
    touch go
    amorsize-run anew.plan.yaml >/dev/null 2>&1
    same "exit code when one item fails" 6 $?
    check "it left a job log and a list" test -e anew.joblog -a -e anew.failed
    rm go
    amorsize-run anew.plan.yaml --fresh >/dev/null 2>&1 &
    local pid=$!
    await "a fresh start forgets both at once" test ! -e anew.joblog -a ! -e anew.failed
    touch go
    wait $pid
}

test_missing_command() {
    job nothing exec '{range: [0, 2]}' '[./no-such-program]'
    plan nothing 1 1 1 fixed
    amorsize-run nothing.plan.yaml >/dev/null
    same "exit code when the command does not exist" 6 $?
    # The thread sanitizer turns vfork into fork, after which a child cannot tell why exec failed.
    grep -q __tsan_init "$AMORSIZE_BIN/amorsize-run" ||
        check "the item's stderr says so" sh -c 'amorsize-run nothing.plan.yaml --print stderr | grep -q "cannot start ./no-such-program"'
    check "as does the job log" grep -q "	127	0	./no-such-program" nothing.joblog
}

test_usage() {
    amorsize-run --no-such-option >/dev/null 2>&1
    same "exit code of wrong usage" 2 $?
    amorsize-run no-such.plan.yaml >/dev/null 2>&1
    same "exit code without a plan" 3 $?
    check "help explains exit codes" sh -c 'amorsize-run --help | grep -q "Exit codes"'
    check "there is a version" sh -c 'amorsize-run --version | grep -q "^amorsize-run [0-9]"'
}

# shellcheck disable=SC2048 # names of tests, split on purpose
for name in ${*:-$(declare -F | awk '$3 ~ /^test_/ {print $3}')}; do
    echo "$name"
    "$name"
done
finish
