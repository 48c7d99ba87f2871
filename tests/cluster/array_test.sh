#!/usr/bin/env bash
# A job array: each item is done once, whichever element has it; what a lost element left is done by the next submission.
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

# wait_for JOB: until none of its elements is in the queue.
wait_for() {
    for ((tries = 0; tries < 300; tries++)); do
        [[ -n $(squeue -h -j "$1" 2>/dev/null) ]] || return 0
        sleep 0.2
    done
    fail "job $1 did not end in 60 s"
}

export AMORSIZE_HISTORY=$work/state/history.sqlite
cat >job.yaml <<'END'
amorsize: 1
name: shared
command: [sh, -c, "[ ! -e hold ] || [ {item} != 5 ] || sleep 60; sleep 0.1; echo {item}"]
items: {range: [0, 50]}
profile: {seconds: 3, cv: 0.05, peak_memory: 4MiB}
limits: {partition: main}
strategy: array
END
within 60 "$bin/amorsize-advise" job.yaml >advice.txt
expect_match "the advice is an array" "parallel +array of 2 jobs, 2 at once" "$(<advice.txt)"
expect_match "one job is compared with it" "(instead| ) +2 nodes, 4 workers: " "$(<advice.txt)"
expect "its directive" "#SBATCH --array=0-1%2" "$(grep -o '^#SBATCH --array=[^ ]*' shared.sbatch)"

touch hold
job=$(within 30 sbatch --parsable shared.sbatch)
printed() { "$bin/amorsize-run" shared.plan.yaml --print stdout | sort -n; }
for ((tries = 0; tries < 200; tries++)); do
    (($(printed 2>/dev/null | wc -l) == 49)) && break
    sleep 0.2
done
scancel "${job}_1"
wait_for "$job"
expect "all but the item that the cancelled element had begun are done" "$(seq 0 49 | grep -vx 5)" "$(printed)"
expect_match "the report says where" "missing +element 1:" "$("$bin/amorsize-report" shared.plan.yaml)"

rm hold
job=$(within 30 sbatch --parsable shared.sbatch)
wait_for "$job"
expect "every item is done, once" "$(seq 0 49)" "$(printed)"
expect "each is on record once" 50 "$(tail -qn +2 shared.run/element.*.joblog | wc -l)"
completed() { accounted "$job" JobID,State | grep -cE "^${job}_[0-9]+\|COMPLETED$"; }
for ((tries = 0; tries < 100; tries++)); do
    (($(completed) == 2)) && break # the accounting of one may come after the other's
    sleep 0.2
done
expect "all elements completed" 2 "$(completed)"
expect_match "the report adds the elements up" "50 of 50 items done \(2 of 2 elements" \
    "$("$bin/amorsize-report" shared.plan.yaml)"
# The element that was cancelled told no end; the next advice asks what became of it.
within 60 "$bin/amorsize-advise" job.yaml >advice.txt
runs=$("$bin/amorsize-report" --history export | tail -n +2)
expect "each submission is remembered as one run, none is left open" "2 0" \
    "$(wc -l <<<"$runs") $("$bin/amorsize-report" --history show | grep -c "not known to have ended" || true)"
