# shellcheck shell=bash disable=SC2154  # sourced by tests after lib.sh, which sets the variables
# Jobs that say where their ranks sit, and their comparison with the advice.

manifest() {
    local name=$1 launcher=$2 limits=$3 kind=$4
    printf 'amorsize: 1\nname: %s\nlauncher: %s\nlimits: {%s}\n' "$name" "$launcher" "$limits"
    echo 'profile: {seconds: 10, peak_memory: 50MiB, cpu_share: 1}'
    case $kind in
        tasks)
            echo 'items: {range: [0, 40]}'
            # shellcheck disable=SC2016  # the item's shell expands it
            echo 'command: "echo rank $AMORSIZE_RANK on $(hostname) with cpus $(grep Cpus_allowed_list /proc/self/status | cut -f2) >> '"$name"'.$AMORSIZE_RANK; sleep 0.05"'
            ;;
        mpi) printf 'kind: mpi\ncommand: [%s/cluster_hello_mpi]\n' "$bin" ;;
        threads) printf 'kind: mpi\nresources: {threads: 2}\ncommand: [%s/cluster_hello_mpi]\n' "$bin" ;;
    esac
}

# All jobs are queued first, then looked at. submit LAUNCHER WHERE LIMITS KIND
jobs=()
submit() {
    local name="$1-$2-$4"
    manifest "$name" "$1" "$3" "$4" >"$name.yaml"
    within 150 "$bin/amorsize-advise" "$name.yaml" --format json --submit >"$name.json" 2>"$name.err" ||
        fail "amorsize-advise $name: $(<"$name.err")"
    jobs+=("$name $(grep -o 'submitted as job [0-9]*' "$name.err" | cut -d' ' -f4)")
}

check_jobs() {
    local entry name job state
    for entry in "${jobs[@]}"; do
        read -r name job <<<"$entry"
        state=$(accounted "$job" State | head -n 1)
        # Open MPI 4.1 gives up on a connection that a machine under load is slow to make.
        if [[ $state == FAILED ]] && grep -q 'connect() to .* failed' "slurm-$job.out"; then
            echo "once more: $name: $(grep -m1 'connect() to' "slurm-$job.out")"
            job=$(within 30 sbatch --parsable "$name.sbatch")
            state=$(accounted "$job" State | head -n 1)
        fi
        [[ $state == COMPLETED ]] || fail "$name: $state: $(head -c 2000 "slurm-$job.out")"
        cat "slurm-$job.out" "$name".[0-9]* >"$name.ranks" 2>/dev/null || true
        "$here/placement_check.py" "$name.json" "$name.ranks" \
            "$(sacct -nPX -j "$job" -o Partition,NNodes,AllocCPUS,ReqMem,TimelimitRaw)" ||
            fail "$name: $(cat "$name.ranks") / $(tail -n 1 "$name.sbatch")"
        echo "ok: $name: every rank where the plan says"
    done
}
