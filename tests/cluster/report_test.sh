#!/usr/bin/env bash
# What amorsize-report says of jobs that ask for too much, run out of memory, or out of time.
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

printf '#!/bin/bash\nperl -e '"'"'$x = "a" x (100 << 20); sleep 4'"'"'\n' >greedy.sh
printf '#!/bin/bash\nperl -e '"'"'$x = "a" x (600 << 20); sleep 1'"'"'\n' >oom.sh
greedy=$(within 30 sbatch --parsable --mem=1500M --time=30 -o /dev/null greedy.sh)
oom=$(within 30 sbatch --parsable --mem=200M -o /dev/null oom.sh)
cancelled=$(within 30 sbatch --parsable --hold --mem=100M -o /dev/null greedy.sh)
scancel "$cancelled"

accounted "$greedy" State >/dev/null
text=$(within 30 "$bin/amorsize-report" "$greedy")
echo "$text"
expect_match "memory that lay idle is named" "set --mem=[1-4][0-9][0-9]M \(measured peak" "$text"
expect_match "and the time limit" "set --time=00:01:00" "$text"
accounted "$oom" State >/dev/null
text=$(within 30 "$bin/amorsize-report" "$oom")
expect_match "a job killed for memory gets more" "ran out of memory at 200 MiB a node.*set --mem=400M" "$text"
[[ $text != *--time=* ]] || fail "time was not the matter: $text"
text=$(within 30 "$bin/amorsize-report" "$cancelled")
expect_match "a cancelled job changes nothing" "CANCELLED: it was cancelled" "$text"
[[ $text != *"set --"* ]] || fail "a directive for a cancelled job: $text"
json=$(within 30 "$bin/amorsize-report" --user root --since now-1hours --format json)
expect_match "many jobs have totals" '"wasted_gib_hours"' "$json"
