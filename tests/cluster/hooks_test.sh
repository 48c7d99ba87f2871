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
# Prolog and Epilog through a script that takes their time, in microseconds.
for hook in prolog epilog; do
    cat >"timed-$hook" <<END
#!/bin/bash
began=\${EPOCHREALTIME/./}
"$hooks/$hook"
status=\$?
echo "\$((\${EPOCHREALTIME/./} - began)) \$status" >>"$work/$hook.times"
exit \$status
END
    chmod 755 "timed-$hook"
done
grep -E '^  (Prolog|Epilog|TaskProlog)=' lines.txt | sed -E "s#=$hooks/(prolog|epilog)#=$work/timed-\1#" >>"$conf"
within 20 scontrol reconfigure
sleep 1

# One task a node, with all of the node: two CPUs on n1 and n2, one on n3 and n4.
cat >values.sh <<'END'
#!/bin/bash
srun --ntasks-per-node=1 --cpu-bind=none bash -c 'echo $SLURMD_NODENAME $OMP_NUM_THREADS $AMORSIZE_WORKERS'
END
values() { # VARIABLES...
    local job tries
    for ((tries = 0; tries < 4; tries++)); do
        job=$(within 20 env "$@" sbatch --parsable -N4 --exclusive -o values.out values.sh)
        expect "a job for values ends well" COMPLETED "$(accounted "$job" State | head -n 1)"
        # A node too busy to start the worker in 0.7 s sets nothing.
        grep -qvE '^n[1-4] [0-9]+ [0-9]+$' values.out || break
    done
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

# A plan for two CPUs a rank, with a worker on each: half of them where half was granted.
cat >plan.yaml <<'END'
amorsize: 1
name: planned
command: [sleep, "{item}"]
items: {range: [0, 100]}
profile: {seconds: 30, cv: 0.1, peak_memory: 100MiB}
headroom: 0
END
cat >cluster.yaml <<'END'
amorsize: 1
cluster: mini
slurm_version: 22.05.8
mpi: {name: Open MPI, version: 4.1.4, srun_types: [pmix]}
partitions: [{name: main, default: true, max_nodes: 4, max_time: 1d, nodes: [{class: a, count: 4}]}]
node_classes: [{name: a, topology: "pack:1 core:2 pu:1", memory: 4000MiB}]
END
advise() { "$bin/amorsize-advise" plan.yaml --cluster cluster.yaml --nodes "$1" >advice.txt || fail "$(cat advice.txt)"; }
advise 4
cp planned.plan.yaml four.yaml
expect "a plan's workers follow each node's grant" "n1 1 2,n2 1 2,n3 1 1,n4 1 1" \
    "$(values AMORSIZE_PLAN="$work/four.yaml" SBATCH_MEM_PER_NODE=1000M | tail -n 1)"
expect "and the memory granted" "n1 1 1,n2 1 1,n3 1 1,n4 1 1" \
    "$(values AMORSIZE_PLAN="$work/four.yaml" SBATCH_MEM_PER_NODE=200M | tail -n 1)"
advise 2

# The cli_filter, with a slurm.conf of its own: what sbatch says and what the job gets.
mkdir etc
cp "$(dirname "$conf")"/* etc/
"$here/../../slurm/hooks/install.sh" --programs "$bin/hooks" --folder "$hooks" --cli-filter "$work/etc" >/dev/null
echo CliFilterPlugins=cli_filter/lua >>etc/slurm.conf
requests() { sed -i "s/^requests.*//" "$hooks/hooks.conf" && echo "requests = $1" >>"$hooks/hooks.conf"; }
submit() { # OPTIONS...: the messages without their beginning, then time limit and memory of the job
    local job
    job=$(SLURM_CONF=$work/etc/slurm.conf within 20 sbatch --parsable --hold "$@" 2>messages) || fail "refused: $(cat messages)"
    sed -n 's/^sbatch: lua: amorsize: //p' messages
    scontrol show job "$job" | grep -oE 'TimeLimit=[^ ]*|MinMemoryNode=[^ ]*' | paste -sd' '
    scancel "$job"
}
# told WHAT PATTERN OPTIONS...: what submit says. A machine too busy to start the worker in 0.7 s is told nothing: once more then.
told() {
    local what=$1 pattern=$2 found tries
    shift 2
    for ((tries = 0; tries < 4; tries++)); do
        found=$(submit "$@")
        [[ ! $found =~ $pattern ]] || break
    done
    expect_match "$what" "$pattern" "$found"
}
sed -E '/^#SBATCH --(time|mem)=/d' planned.sbatch >bare.sbatch
advised=$(sed -n 's/^#SBATCH \(--time=[^ ]*\).*/\1/p' planned.sbatch)
requests off
expect "off: nothing is said" "" "$(submit bare.sbatch | grep -v TimeLimit || true)"
requests warn
expect "warn: nothing to say about the script as written" "" "$(submit planned.sbatch | grep -v TimeLimit || true)"
told "warn: too much" "--time=01:00:00 is more than twice .* advised: $advised" --time=01:00:00 planned.sbatch
told "warn: too little" "--mem=1M is less than .* advised: --mem=[0-9]+M" --mem=1M planned.sbatch
told "warn: left out" "no --time is asked for; advised: $advised" bare.sbatch
expect "off by the user" "" "$(AMORSIZE_DISABLE=1 submit bare.sbatch | grep -v TimeLimit || true)"
expect "another script is none of our business" "" "$(submit values.sh | grep -v TimeLimit || true)"
# A script without a plan is compared with the earlier jobs of its name.
# shellcheck disable=SC2016
printf '#!/bin/bash\nperl -e '"'"'$x = "a" x (100 << 20); sleep 4'"'"'\n' >again.sh
export AMORSIZE_HISTORY=$work/state/history.sqlite
before=$(within 30 sbatch --parsable --mem=300M --time=30 -o /dev/null again.sh)
accounted "$before" State >/dev/null
expect "without --remember nothing is known" "" "$(submit again.sh | grep -v TimeLimit || true)"
within 30 "$bin/amorsize-report" "$before" --remember >/dev/null
expect "what it took is kept" "$before" "$(cut -f1 "$work/state/jobs.tsv")"
# Perl may hold the 100 MiB twice.
told "history: left out" "no --time is asked for; advised: --time=00:01:00.*no --mem is asked for; advised: --mem=[12][0-9][0-9]M" again.sh
told "history: too little" "--mem=50M is less than its last job needed" --mem=50M --time=1 again.sh
told "history: too much" "--time=01:00:00 is more than twice what its last job needed" --mem=150M --time=60 again.sh
expect "history: another name" "" "$(submit -J other again.sh | grep -v TimeLimit || true)"
rm "$work/state/jobs.tsv"
mkfifo "$work/state/jobs.tsv"
told "history: a pipe in its place is waited for no longer than a second" "^TimeLimit=" again.sh
rm "$work/state/jobs.tsv"
export AMORSIZE_HISTORY=
requests fill
told "fill: what was left out" "added $advised from the advice.*Time${advised/--time/Limit}" bare.sbatch
told "fill: what was asked stays" "TimeLimit=01:00:00" --time=01:00:00 bare.sbatch
mv "$hooks/request-advice" away
told "no guard: submitted all the same" "^TimeLimit=" bare.sbatch
mv away "$hooks/request-advice"
chmod 600 "$hooks/hook"
told "no worker: submitted all the same" "^TimeLimit=" bare.sbatch
chmod 755 "$hooks/hook"
cp etc/cli_filter.lua whole.lua
sed -i '1a slurm.json_cli_options = nil; io = nil' etc/cli_filter.lua
told "a broken Lua: submitted all the same" "^TimeLimit=" bare.sbatch
mv whole.lua etc/cli_filter.lua

# The one switch.
requests warn
sed -i 's/^enabled.*/enabled = no/' "$hooks/hooks.conf"
expect "all off: the cli_filter says nothing" "" "$(submit bare.sbatch | grep -v TimeLimit || true)"
# shellcheck disable=SC2016
expect "all off: no variables, no facts" "" \
    "$(within 30 srun -n1 -w n1 bash -c "echo \$AMORSIZE_CPUS; cat $AMORSIZE_CLUSTER_DIR/nodes/n1/hooks/jobs/\$SLURM_JOB_ID" 2>/dev/null || true)"
sed -i 's/^enabled.*/enabled = yes/' "$hooks/hooks.conf"

# What a job that was killed for memory leaves in the log.
printf '#!/bin/bash\nsrun perl -e '"'"'$x = "a" x (600 << 20)'"'"'\n' >large.sh
large=$(within 20 sbatch --parsable --mem=200M -o /dev/null large.sh)
accounted "$large" State >/dev/null
for ((tries = 0; tries < 50; tries++)); do
    grep -qs "outcome job=$large " "$AMORSIZE_CLUSTER_DIR"/nodes/*/hooks/record/*.log && break
    sleep 0.2
done
expect_match "the log says where memory ran out" "steps=0:125 out_of_memory=yes" \
    "$(cat "$AMORSIZE_CLUSTER_DIR"/nodes/*/hooks/record/*.log | grep "outcome job=$large ")"

printf '#!/bin/bash\nsrun -n1 true\n' >job.sh
ids=()
export SLURM_CONF=$work/etc/slurm.conf # all hooks, cli_filter too
for ((i = 0; i < jobs; i++)); do ids+=("$(within 20 sbatch --parsable --mem=50M -n1 -o /dev/null job.sh)"); done
export SLURM_CONF=$conf
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
# They give up after 0.7 s; a second more is for a machine with much else to do.
for hook in prolog epilog; do
    expect "every $hook exited 0" 0 "$(cut -d' ' -f2 "$hook.times" | sort -u | paste -sd,)"
    sort -n "$hook.times" | awk -v hook="$hook" '{ us[NR] = $1 } END { printf "%s: %d runs, median %.1f ms, worst %.1f ms\n",
        hook, NR, us[int((NR + 1) / 2)] / 1000, us[NR] / 1000; exit !(us[NR] < 1700000) }' || fail "a $hook did not keep its time"
done
expect "nothing is left of the jobs" "" "$(find "$AMORSIZE_CLUSTER_DIR"/nodes/*/hooks/jobs -type f)"
