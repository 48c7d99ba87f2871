#!/usr/bin/env bash
# Two users, each in an account of its own, with the limits of that account.
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

expect "root's job runs as root" "0 0" "$(within 30 srun -N2 id -u | paste -sd' ')"
expect "nobody's job runs as nobody" "65534 65534" "$(as_nobody timeout 30 srun -N2 id -u | paste -sd' ')"

printf '#!/bin/bash\nid -u >"$SLURM_SUBMIT_DIR/who"\n' >who.sh
chmod 644 who.sh
job=$(as_nobody timeout 30 sbatch --parsable -o who.out who.sh)
expect "the accounting knows the user and the account" "nobody|guest" "$(accounted "$job" User,Account | head -n 1)"
expect "nobody's batch job writes as nobody" "65534 65534" "$(cat who) $(stat -c %u who.out)"

as_nobody timeout 30 sbatch --time=02:00:00 -o who.out who.sh >over.txt 2>&1 || true
id=$(grep -o '[0-9]*$' over.txt || true)
if [[ -n $id ]]; then
    expect "a job over the account's wall time does not start" "AssocMaxWallDurationPerJobLimit" "$(squeue -h -j "$id" -o %r)"
    scancel "$id"
else
    expect_match "a job over the account's wall time is refused" "limit" "$(<over.txt)"
fi
