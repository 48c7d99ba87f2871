#!/usr/bin/env bash
# Jobs through the hooks: none lost, no node drained, values that fit each node. HOOKS_JOBS=200 for many.
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"
jobs=${HOOKS_JOBS:-12}
conf=$SLURM_CONF
hooks=$AMORSIZE_CLUSTER_DIR/hooks
cp "$conf" "$work/slurm.conf"
restore() {
    cat "$work/slurm.conf" >"$conf"
    within 20 scontrol reconfigure
    "$here/../../slurm/hooks/install.sh" --uninstall --folder "$hooks" >/dev/null
    rm -rf "$AMORSIZE_CLUSTER_DIR"/nodes/*/hooks "$work"
}
trap restore EXIT

"$here/../../slurm/hooks/install.sh" --programs "$bin/hooks" --folder "$hooks" >lines.txt
printf 'enabled = yes\nstate = %s/nodes/%%n/hooks\nrecord = %s/nodes/%%n/hooks/record\n' \
    "$AMORSIZE_CLUSTER_DIR" "$AMORSIZE_CLUSTER_DIR" >"$hooks/hooks.conf"
grep -E '^  (Prolog|Epilog|TaskProlog)=' lines.txt >>"$conf"
within 20 scontrol reconfigure
sleep 1

# One task a node, with all of the node: two CPUs on n1 and n2, one on n3 and n4.
cat >values.sh <<'END'
#!/bin/bash
srun --ntasks-per-node=1 --cpu-bind=none bash -c 'echo $SLURMD_NODENAME $OMP_NUM_THREADS $AMORSIZE_WORKERS'
END
values() { # VARIABLES...
    local job
    job=$(within 20 env "$@" sbatch --parsable -N4 --exclusive -o values.out values.sh)
    expect "a job for values ends well" COMPLETED "$(accounted "$job" State | head -n 1)"
    sort values.out | paste -sd,
}
expect "values fit unequal nodes" "n1 2 1,n2 2 1,n3 1 1,n4 1 1" "$(values | tail -n 1)"
expect "the user's value stays where it fits" "n1 1 2,n2 1 2,n3 1 1,n4 1 1" "$(values OMP_NUM_THREADS=1 | tail -n 1)"
expect "and is replaced where it does not" "n1 2 1,n2 2 1,n3 1 1,n4 1 1" "$(values OMP_NUM_THREADS=2 | tail -n 1)"
# shellcheck disable=SC2016
expect "switched off by the user" "" "$(AMORSIZE_DISABLE=1 within 30 srun -n1 bash -c 'echo $AMORSIZE_CPUS')"
# shellcheck disable=SC2016
told=$(within 30 srun -n1 -w n1 bash -c "cat $AMORSIZE_CLUSTER_DIR/nodes/n1/hooks/jobs/\$SLURM_JOB_ID")
expect_match "a job reads its node's facts" "AMORSIZE_JOB_CPUS=1" "$told"

printf '#!/bin/bash\nsrun -n1 true\n' >job.sh
ids=()
for ((i = 0; i < jobs; i++)); do ids+=("$(within 20 sbatch --parsable --mem=50M -n1 -o /dev/null job.sh)"); done
for ((tries = 0; tries < 5 * jobs + 200; tries++)); do
    [[ -z $(squeue -h -o %i) ]] && break
    sleep 0.2
done
sleep 2
list=$(IFS=, && echo "${ids[*]}")
expect "all $jobs jobs completed" "$jobs" "$(sacct -nPX -j "$list" -o State | grep -c COMPLETED)"
expect "no node is drained or down" "" "$(sinfo -h -N -p main -t drain,down -o %N)"
outcomes=$(cat "$AMORSIZE_CLUSTER_DIR"/nodes/*/hooks/record/*.log | grep -c 'outcome job=.*exit=0:0' || true)
((outcomes >= jobs)) || fail "only $outcomes outcomes of $jobs jobs"
echo "ok: $outcomes outcomes recorded"
expect "nothing is left of the jobs" "" "$(find "$AMORSIZE_CLUSTER_DIR"/nodes/*/hooks/jobs -type f)"
