#!/usr/bin/env bash
# Advice, run, advice again: what is learned, what is noticed, and what keeps it off.
# shellcheck source=tests/cli/support.sh
source "$(dirname "${BASH_SOURCE[0]}")/support.sh" "$@"

runner=$(dirname "$advise")/amorsize-run
report=$(dirname "$advise")/amorsize-report
[[ -x $runner ]] || { echo "SKIPPED: amorsize-run was not built"; exit 77; }
export AMORSIZE_HISTORY=$folder/history/runs.sqlite

# An item writes a line, so that those tried can be counted, and takes its time without a process of its own, which on a busy
# machine would take another one. The first 20 of the list are far shorter than the others.
mkfifo never
cat > work.sh <<'END'
#!/bin/bash
echo "$1" >> "${0%/*}/tried"
pause=0.15
((${1##*/} >= 120)) || pause=0.01
read -r -t $pause <> "${0%/*}/never"
exit 0
END
chmod +x work.sh
mkdir in
# files SCALE: 100 of them.
files() { for ((i = 100; i < 200; ++i)); do truncate -s $((i < 120 ? $1 * 1000 : $1 * 8000)) "in/$i"; done; }
files 10
job learn 'command: [./work.sh, "{item}"]' 'items: {glob: "in/*"}' 'sample: {size: 6, choose: first, budget: 20s}'
sed -i '/^profile/d' learn.yaml
job quick 'items: {range: [0, 3]}' 'profile: {seconds: 0.01, peak_memory: 10MiB}'

# advice WHAT ARGUMENT...: how many items it tried is in $tried afterwards.
advice() {
    local what=$1
    shift
    rm -f tried
    run 0 "$what" learn.yaml --local --output out "$@"
    tried=$(wc -l < tried)
}
# finish_job NAME: runs its plan.
finish_job() { timeout 60 "$runner" --fresh "out/$1.plan.yaml" > run.out 2> run.err || fail "the run of $1: $(cat run.err)"; }
recorded() { "$report" --history export --history-file "$AMORSIZE_HISTORY" | tail -n +2 | wc -l; }
# off: the last run's wall time against its prediction, as a factor above 1.
off() {
    "$report" --history export --history-file "$AMORSIZE_HISTORY" | tail -1 |
        awk -F, '{ print ($4 > $6 ? $4 / $6 : $6 / $4) }'
}

advice "the first advice"
((tried > 2)) || fail "the first advice tried $tried items only"
finish_job learn
if grep -q "^note:" run.err; then fail "a run that is remembered: $(grep "^note:" run.err)"; fi
[[ $(recorded) == 1 ]] || fail "$(recorded) runs recorded in place of 1"
first_off=$(off)

advice "the second advice"
((tried == 2)) || fail "the second advice tried $tried items in place of 2"
says stdout "history: last run predicted"
tr -s ' \n' ' ' < stdout > unwrapped
says unwrapped "100 items of an earlier run, confirmed by 2 items"
finish_job learn
second_off=$(off)
# The first of the list are the small ones: the history has seen the others.
awk "BEGIN { exit !($second_off < $first_off) }" ||
    fail "the second prediction is off by $second_off x, the first by $first_off x"
[[ $(recorded) == 2 ]] || fail "$(recorded) runs recorded in place of 2"

advice "without history" --no-history
((tried > 2)) || fail "--no-history: $tried items tried"
if grep -q "^history:" out/learn.plan.yaml; then fail "--no-history: the plan is to be remembered"; fi
echo "history: false" >> learn.yaml
advice "history: false"
((tried > 2)) || fail "history: false: $tried items tried"
sed -i '$d' learn.yaml
AMORSIZE_DISABLE=1 advice "disabled"
((tried > 2)) || fail "AMORSIZE_DISABLE: $tried items tried"

files 100
advice "a tenfold input"
says stdout "2 earlier runs not relied on: the median input is 10 x"
((tried > 2)) || fail "a tenfold input: $tried items tried"
files 10
echo "# another program" >> work.sh
advice "a changed program"
says stdout "2 earlier runs not relied on: the program, or a file it is always given, has changed"
((tried > 2)) || fail "a changed program: $tried items tried"
sed -i '$d' work.sh
sed -i 's/"{item}"\]/"{item}", --fast]/' learn.yaml
advice "other arguments"
says stdout "2 earlier runs not relied on: the arguments differ"

run 0 "a plan to be remembered" quick.yaml --local --output out
AMORSIZE_DISABLE=1 finish_job quick
run 0 "a plan not to be remembered" quick.yaml --local --output out --no-history
finish_job quick
[[ $(recorded) == 2 ]] || fail "a switched-off history grew to $(recorded)"
run 0 "a plan to be remembered" quick.yaml --local --output out
finish_job quick
[[ $(recorded) == 3 ]] || fail "$(recorded) runs recorded in place of 3"

# A long-lived worker takes lines and answers each; its items are remembered too.
cat > worker.sh <<'END'
#!/bin/bash
sleep 0.2
while read -r item; do
    echo "$item" >> "${0%/*}/tried"
    pause=0.2
    ((item >= 20)) || pause=0.03
    read -r -t $pause <> "${0%/*}/never"
    echo "done $item"
done
END
chmod +x worker.sh
job lines 'command: [./worker.sh]' 'mode: stream' 'items: {range: [0, 60]}' \
    'sample: {size: 8, choose: first, budget: 20s}'
sed -i '/^profile/d' lines.yaml
rm -f tried
run 0 "the first advice of a stream" lines.yaml --local --output out
first_tried=$(wc -l < tried)
finish_job lines
rm -f tried
run 0 "the second advice of a stream" lines.yaml --local --output out
second_tried=$(wc -l < tried)
says stdout "of an earlier run, confirmed by"
((second_tried == 3 && second_tried < first_tried)) ||
    fail "the second advice of a stream tried $second_tried items in place of 3, the first $first_tried"

# A process takes a chunk: what its items took by themselves is not known, how the run went is.
printf '#!/bin/bash\nfor item; do sleep 0.01; done\n' > chunk.sh
chmod +x chunk.sh
job chunks 'command: [./chunk.sh, "{items}"]' 'mode: batch' 'items: {range: [0, 100]}'
sed -i '/^profile/d' chunks.yaml
run 0 "the first advice of a batch" chunks.yaml --local --output out
finish_job chunks
run 0 "the second advice of a batch" chunks.yaml --local --output out
says stdout "history: last run predicted"

# Runs killed outright: the next advice asks accounting, and only what ran out grows.
mkdir bin
cat > bin/sacct <<'END'
#!/bin/bash
echo "JobID|JobIDRaw|State|Elapsed|Timelimit"
while IFS='|' read -r id state; do echo "$id|$id|$state|00:00:09|00:07:00"; done < "${0%/*}/states"
END
chmod +x bin/sacct
: > bin/states
job killed 'command: ["perl", "-e", "$x = q(a) x (5 << 20); sleep -e q(hang) ? 60 : 0.1", "{item}"]' 'items: {range: [0, 40]}'
sed -i '/^profile/d' killed.yaml
# kill_job ID: a run of the plan as that Slurm job, killed once it has begun.
kill_job() {
    touch hang
    SLURM_JOB_ID=$1 "$runner" --fresh out/killed.plan.yaml > run.out 2>&1 &
    local pid=$! tries
    for ((tries = 0; tries < 200; tries++)); do
        "$report" --history show --history-file "$AMORSIZE_HISTORY" | grep -q "not known to have ended" && break
        sleep 0.05
    done
    kill -KILL $pid
    wait $pid 2> /dev/null
    rm hang
}
begun() { "$report" --history show --format json --history-file "$AMORSIZE_HISTORY" | sed -n 's/.*"begun": //p'; }
advise_killed() { PATH=$folder/bin:$PATH run 0 "$1" killed.yaml --local --output out --format json; }
figure() { grep -o "\"$1\": [0-9.]*" stdout | head -1 | grep -o '[0-9.]*$'; }
advise_killed "before any run"
memory=$(figure per_worker_bytes)
kill_job 51
[[ $(begun) == 1 ]] || fail "the killed run is not known to have begun"
echo "51|RUNNING" > bin/states
advise_killed "a run that goes on"
[[ $(begun) == 1 ]] || fail "a run that goes on was taken to have ended"
echo "51|OUT_OF_MEMORY" > bin/states
advise_killed "a run killed for memory"
[[ $(begun) == 0 ]] || fail "the end of a killed run was not taken in"
says stdout '"memory_grown"'
grown=$(figure per_worker_bytes)
((grown >= 2 * memory)) || fail "after a kill for memory $grown bytes a worker, before it $memory"
if grep -q '"time_grown"' stdout; then fail "a kill for memory let the time grow"; fi
kill_job 52
echo "52|TIMEOUT" > bin/states
advise_killed "a run killed at its time limit"
says stdout '"time_grown"'
[[ $(figure time_limit_seconds) == 840* ]] || fail "the limit that ran out, 7 minutes, became $(figure time_limit_seconds) s"
if grep -q '"memory_grown"' stdout; then fail "a time limit let the memory grow"; fi
kill_job 53
echo "53|CANCELLED by 0" > bin/states
advise_killed "a run killed by somebody"
if grep -qE '"(time|memory)_grown"' stdout; then fail "a cancelled run let something grow"; fi
kill_job 54
rm bin/states
printf '#!/bin/bash\nexit 1\n' > bin/sacct
advise_killed "no accounting"
says stderr "what became of 1 begun run of this job is not known"

# An array's elements are one run.
job array 'command: ["sleep", "0.0{item}"]' 'items: {range: [10, 30]}' 'strategy: array'
run 0 "an array" array.yaml --cluster "$root/configs/clusters/mini.yaml" --output out
rows=$(recorded)
for element in 0 1; do
    SLURM_JOB_ID=6$element SLURM_ARRAY_JOB_ID=60 timeout 60 "$runner" --element $element out/array.plan.yaml > run.out 2>&1 ||
        fail "element $element: $(cat run.out)"
done
[[ $(recorded) == $((rows + 1)) ]] || fail "the elements of an array are $(($(recorded) - rows)) runs in place of 1"

echo "no database at all, but long enough to be taken for something" > "$AMORSIZE_HISTORY"
run 0 "a damaged history" quick.yaml --local --output out
says stderr "note: history $AMORSIZE_HISTORY"
finish_job quick
says run.err "note: the run is not remembered"
AMORSIZE_HISTORY=/proc/nowhere/runs.sqlite finish_job quick
says run.err "note: the run is not remembered"
finish
