#!/usr/bin/env bash
# A job longer than its time limit runs as pieces, each taking up where the last stopped.
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

# The manifest says 6 s an item where one takes half a second, so that the test need not take minutes.
cat >job.yaml <<'END'
amorsize: 1
name: long
command: [sh, -c, "sleep 0.5; echo {item}"]
items: {range: [0, 40]}
profile: {seconds: 6, cv: 0.05, peak_memory: 4MiB}
limits: {time: 1m, nodes: 1, partition: main}
END
within 60 "$bin/amorsize-advise" job.yaml >advice.txt
expect_match "the advice says how many" "limits.time allows 1 min: 5 jobs at most, one after another" \
    "$(tr -s ' \n' ' ' <advice.txt)"
expect "each within the limit" "#SBATCH --time=00:01:00" "$(grep -o '^#SBATCH --time=[0-9:]*' long.sbatch)"

sed -i 's/SECONDS < 45 ? 45 - SECONDS/SECONDS < 4 ? 4 - SECONDS/' long.sbatch
grep -q 'SECONDS < 4 ?' long.sbatch || fail "the script ends pieces after 45 s: $(<long.sbatch)"
job=$(within 30 sbatch --parsable long.sbatch)
for ((tries = 0; tries < 300; tries++)); do
    [[ -n $(squeue -h -j "$job" 2>/dev/null) ]] || break
    sleep 0.2
done
expect "every item is done, once" "$(seq 0 39)" "$("$bin/amorsize-run" long.plan.yaml --print stdout)"
expect "and on record once" 40 "$(tail -n +2 long.joblog | wc -l)"
states=$(accounted "$job" JobID,State)
pieces=$(grep -cE "^${job}_[0-9]+\|COMPLETED$" <<<"$states")
((pieces >= 2 && pieces < 5)) || fail "some pieces completed, not all five: $states"
echo "ok: $pieces pieces completed"
grep -qE '\|CANCELLED' <<<"$states" || fail "the pieces that were not needed are cancelled: $states"
echo "ok: those not needed are cancelled"
