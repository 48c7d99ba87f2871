#!/usr/bin/env bash
# --mem is a limit that kills, and the accounting says how much was used.
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

touch_mib() { echo "perl -e '\$x = \"a\" x ($1 << 20); sleep $2'"; }

printf '#!/bin/bash\nsrun %s\n' "$(touch_mib 300 3)" >job.sh
job=$(within 30 sbatch --parsable --mem=1000M -o job.out job.sh)
lines=$(accounted "$job" JobID,State,MaxRSS)
expect "a job under its limit completes" COMPLETED "$(step_state "$job" <<<"$lines")"
rss=$(grep "^$job.0|" <<<"$lines" | sed 's/.*|\([0-9]*\)K$/\1/')
# Perl holds the string once or twice.
((rss > 300 * 1024 && rss < 1000 * 1024)) || fail "MaxRSS of 300 to 600 MiB: found '$lines'"
echo "ok: sacct says MaxRSS ($((rss / 1024)) MiB)"

printf '#!/bin/bash\n%s\n' "$(touch_mib 600 1)" >job.sh
job=$(within 30 sbatch --parsable --mem=200M -o job.out job.sh)
expect "a job over its limit is killed" OUT_OF_MEMORY "$(accounted "$job" JobID,State | step_state "$job")"

printf '#!/bin/bash\nsrun %s\n' "$(touch_mib 600 1)" >job.sh
job=$(within 30 sbatch --parsable -p short -o job.out job.sh)
expect "the partition's default kills a step" OUT_OF_MEMORY "$(accounted "$job" JobID,State | step_state "$job.0")"

expect "a node shows its own memory limit" 2097152000 \
    "$("$here/cluster.sh" exec n3 sh -c 'cat /sys/fs/cgroup/memory/memory.limit_in_bytes /sys/fs/cgroup/memory.max 2>/dev/null')"
