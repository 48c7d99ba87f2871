#!/usr/bin/env bash
# Advice, sbatch, advice again: the second one tries fewer items, says how far the last prediction was off, notices what
# has changed, and gives more memory after a job that was killed for it.
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"
export AMORSIZE_HISTORY=$work/state/history.sqlite

# An item writes a line, so that those tried can be counted, and takes its time without a process of its own. The first 20 of
# the list are far shorter than the others. With a file `burst` beside the program it needs more memory than there is, and
# takes the whole rank with it.
mkfifo never
cat >work.sh <<'END'
#!/bin/bash
echo "$1" >>"${0%/*}/tried"
[[ ! -e ${0%/*}/burst ]] || perl -e '$x = "a" x (600 << 20)' || kill -KILL $PPID
pause=0.2
((${1##*/} >= 120)) || pause=0.01
read -r -t $pause <>"${0%/*}/never"
exit 0
END
chmod +x work.sh
mkdir in
# files SCALE: 100 of them.
files() { for ((i = 100; i < 200; ++i)); do truncate -s $((i < 120 ? $1 * 1000 : $1 * 15000)) "in/$i"; done; }
files 20
cat >job.yaml <<'END'
amorsize: 1
name: learn
command: [./work.sh, "{item}"]
items: {glob: "in/*"}
sample: {size: 6, choose: first, budget: 20s}
limits: {partition: main, nodes: 2}
END

# advise: its text is in advice.txt, and in $tried how many items it ran.
advise() {
    rm -f tried
    within 120 "$bin/amorsize-advise" job.yaml >advice.txt 2>messages || fail "no advice: $(cat messages)"
    tried=$(wc -l <tried)
}
# submit OPTIONS...: runs the script from the start; the job's state.
submit() {
    local job
    rm -rf learn.run
    job=$(within 30 sbatch --parsable -o job.out "$@" learn.sbatch)
    accounted "$job" State | head -n 1
}
# off: the last run's wall time against its prediction, as a factor above 1.
off() { "$bin/amorsize-report" --history export | tail -n 1 | awk -F, '{ print ($4 > $6 ? $4 / $6 : $6 / $4) }'; }

advise
first=$tried
((first > 2)) || fail "the first advice tried $first items only"
expect "the first run" COMPLETED "$(submit)"
first_off=$(off)
advise
expect "the second advice tries two items, the first $first" 2 "$tried"
expect_match "it says how far the last prediction was off" "last run predicted [^,]+, took [^(]+\([0-9.,]+ % (longer|shorter)\)" "$(<advice.txt)"
expect "the second run" COMPLETED "$(submit)"
second_off=$(off)
awk "BEGIN { exit !($second_off < $first_off) }" || fail "the second prediction is off by $second_off x, the first by $first_off x"
echo "ok: the first prediction was off by $first_off x, the second by $second_off x"

files 200
advise
expect_match "a tenfold input is noticed" "2 earlier runs not relied on: the median input is 10 x" "$(<advice.txt)"
((tried > 2)) || fail "a tenfold input: $tried items tried"
files 20
cp work.sh before.sh
echo "# another program" >>work.sh
advise
expect_match "a changed program is noticed" "2 earlier runs not relied on: the program" "$(<advice.txt)"
((tried > 2)) || fail "a changed program: $tried items tried"
cp before.sh work.sh

advise
touch burst
submit --mem=200M >/dev/null
rm burst
expect_match "the run that was killed is known to have begun" "not known to have ended: 1 run" "$("$bin/amorsize-report" --history show)"
advise
expect_match "more memory after a job killed for it" "the last run was planned with .* and ran out of it" "$(<advice.txt)"
expect "and no more time" "" "$(grep "because the last run ran into" advice.txt || true)"
