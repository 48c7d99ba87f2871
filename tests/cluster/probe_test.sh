#!/usr/bin/env bash
# amorsize-probe on every node of an allocation, under each launcher, and with a node lost half-way.
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

probe=$bin/amorsize-probe
json() { python3 -c 'import json, sys; r = json.load(open(sys.argv[1])); print(eval(sys.argv[2]))' "$@"; }

# All nodes are idle once what ran there is cleaned up.
await_idle() {
    local tries
    for ((tries = 0; tries < 300; tries++)); do
        [[ $(scontrol show node 'n[1-4]' | grep -c 'State=IDLE ') == 4 ]] && return
        sleep 0.2
    done
    fail "the nodes are not idle: $(sinfo -p main)"
}
# bring_back NODE: after its power was cut.
bring_back() {
    scontrol update nodename="$1" state=down reason="cut off by a test"
    "$here/cluster.sh" node-up "$1"
    # It takes jobs again once its slurmd has registered (ReturnToService=2), not before.
    await_idle
    echo "ok: the cluster is whole again"
}

# --- four nodes, all of them, measured
within 120 srun -N4 --exclusive --mem=0 "$probe" --budget 1 --output full.yaml --format json >full.json 2>full.err
expect "srun: two classes of nodes" "n[1-2] n[3-4]" "$(json full.json '" ".join(sorted(c["nodes"] for c in r["classes"]))')"
expect "srun: nobody is missing" "" "$(json full.json 'r["missing"]')"
expect "srun: the launch is fitted over node counts" "1 2 4" "$(json full.json '" ".join(str(n) for n in sorted({p["nodes"] for p in r["launch"]["points"]}))')"
expect "srun: a launch takes time" True "$(json full.json 'r["launch"]["base_seconds"] + r["launch"]["per_rank_seconds"] > 0')"
expect "srun: six pairs of nodes exchanged messages" 6 "$(json full.json 'len({(l["from"], l["to"]) for l in r["network"]["links"]})')"
expect "srun: each node has its cores" "1 2" "$(json full.json '" ".join(str(t) for t in sorted(c["hardware_threads"] for c in r["classes"]))')"
expect "srun: and its memory" "True True" "$(json full.json '" ".join(str(c["memory_bytes"] < m << 20) for c, m in zip(sorted(r["classes"], key=lambda c: c["memory_bytes"]), [2000, 4000]))')"
expect_match "the profile" "launch:.*partitions:.*name: main" "$(tr '\n' ' ' <full.yaml)"
expect "nothing is left of the spool" "" "$(ls -d full.yaml.spool 2>/dev/null || true)"

printf '%s\n' 'amorsize: 1' 'name: job' 'command: [echo, "{item}"]' 'items: {range: [0, 1000]}' \
    'profile: {seconds: 2, peak_memory: 10MiB}' >job.yaml
mkdir out
within 30 "$bin/amorsize-advise" --cluster full.yaml --output out job.yaml >advice.txt
expect "amorsize-advise plans with it, and Slurm takes the script" 0 "$(sbatch --test-only out/job.sbatch >/dev/null 2>&1; echo $?)"

# --- many ranks a node, each bound to its share
within 60 srun -N2 -w n1,n2 -n4 --mem=0 "$probe" --quick --output ranks.yaml --format json >ranks.json
expect "ranks of a node elect one, which sees what all were given" "n[1-2] 2" "$(json ranks.json '"%s %d" % (r["classes"][0]["nodes"], r["classes"][0]["hardware_threads"])')"

# --- without an MPI that works
for mpi in pmi2 none; do
    within 60 srun --mpi="$mpi" -N4 -n4 --mem=0 "$probe" --quick --output "$mpi.yaml" --format json >"$mpi.json" 2>"$mpi.err"
    expect "--mpi=$mpi: all nodes report" 4 "$(json "$mpi.json" 'sum(c["count"] for c in r["classes"])')"
    expect "--mpi=$mpi: nothing is left of the spool" "" "$(find . -name "$mpi.yaml.spool*")"
    if grep -q "MPI does not start" "$mpi.err"; then echo "as expected: this Open MPI has no PMI of its own, nodes reported by files"; fi
done

# --- a rank that crashes as soon as MPI has started; the step's exit code is Slurm's own
within 60 srun -N4 --exclusive --mem=0 env LD_PRELOAD="$bin/amorsize_lost_rank.so" AMORSIZE_LOST_RANK=2 AMORSIZE_LOST_BY=11 \
    "$probe" --budget 1 --output crash.yaml --format json >crash.json 2>crash.err || true
expect "a rank crashes: every node has its figures" "4 of 4" \
    "$(json crash.json '"%d of %d" % (sum(c["figures"]["one_core_bandwidth"]["nodes"] for c in r["classes"]), sum(c["count"] for c in r["classes"]))')"
expect_match "a rank crashes: it is named, and how it ended" 'warning: rank 2 on n3 was ended by signal 11 .Segmentation fault.' "$(<crash.err)"
expect "a rank crashes: nothing is left of the spool" "" "$(find . -name "crash.yaml.spool*")"

# --- mpirun
cat >mpirun.sbatch <<END
#!/bin/bash
#SBATCH --nodes=4 --exclusive --mem=0 --time=2 --output=mpirun.err
mpirun -np 4 --map-by ppr:1:node "$probe" --budget 1 --output mpirun.yaml --format json >mpirun.json
END
job=$(within 30 sbatch --parsable mpirun.sbatch)
expect "mpirun: the job" COMPLETED "$(accounted "$job" State | head -n 1)"
expect "mpirun: all nodes, with all their cores" "1 1 2 2" "$(json mpirun.json '" ".join(sorted(" ".join([str(c["hardware_threads"])] * c["count"]) for c in r["classes"]))')"
expect "mpirun: its launches are timed" mpirun "$(json mpirun.json 'r["launch"]["launcher"]')"

# --- amorsize-advise --probe, where MPI fails on a node
export XDG_CACHE_HOME=$work/cache
programs=$work/bin
mkdir "$programs"
cp "$bin/amorsize-advise" "$programs"
# advises RANK SIGNAL: with a probe whose rank is lost so.
advises() {
    printf '#!/bin/sh\nLD_PRELOAD=%s AMORSIZE_LOST_RANK=%s AMORSIZE_LOST_BY=%s exec %s "$@"\n' \
        "$bin/amorsize_lost_rank.so" "$1" "$2" "$probe" >"$programs/amorsize-probe"
    chmod +x "$programs/amorsize-probe"
    within 200 "$programs/amorsize-advise" job.yaml --probe --dry-run --format json
}
basis_of() { python3 -c 'import json, sys; [print(f["name"], f["source"], f["origin"]) for f in json.load(open(sys.argv[1]))["basis"]]' "$1"; }
nothing_left() { expect "$1: no report and no job is left" "" "$(find "$work" -name 'passing-*')$(squeue -h)"; }

await_idle
advises 2 11 >advice.json 2>advice.err
expect_match "advise: a rank that crashes is named" 'rank 2 on n[1-4] was ended by signal 11' "$(<advice.err)"
expect_match "advise: and what its loss costs" 'reported by files, launch cost and network are not measured' "$(<advice.err)"
for class in a b; do
    expect_match "advise: class $class is measured all the same" "class $class measured just now on n" "$(basis_of advice.json)"
done
expect_match "advise: the launch is said to be assumed" 'launch assumed' "$(basis_of advice.json)"
nothing_left "a rank crashes"

await_idle
# Interrupted in the middle.
"$programs/amorsize-advise" job.yaml --probe --dry-run >/dev/null 2>&1 &
advice=$!
for ((tries = 0; tries < 300; tries++)); do
    compgen -G "$work/cache/amorsize/passing-*/spool*" >/dev/null && break
    sleep 0.1
done
kill -TERM "$advice"
status=0
wait "$advice" || status=$?
expect "advise: ended by the signal" 143 "$status"
for ((tries = 0; tries < 100; tries++)); do
    [[ -z $(squeue -h) ]] && break
    sleep 0.1
done
nothing_left "a signal"

await_idle
# A cache that the nodes do not share: there is no way to report, and the message says so.
mkdir "/dev/shm/amorsize-cache-$$"
trap 'rm -rf "/dev/shm/amorsize-cache-$$" "$work"' EXIT
status=0
XDG_CACHE_HOME=/dev/shm/amorsize-cache-$$ advises 0 11 >advice.json 2>advice.err || status=$?
expect "advise: exit code where nothing comes back" 5 "$status"
expect_match "advise: why nothing comes back" 'the probe of nodes of partition main .*nor by files: n[1-4] does not see /dev/shm/.*XDG_CACHE_HOME' \
    "$(tr '\n' ' ' <advice.err)"
expect "advise: nothing is left on this machine" "" "$(find "/dev/shm/amorsize-cache-$$" -name 'passing-*')"

# --- a node is lost half-way
trap '"$here/cluster.sh" node-up n4; rm -rf "$work"' EXIT
within 90 srun -J lost-half-way -N4 --exclusive --mem=0 --wait=5 "$probe" --budget 3 --timeout 20 --output lost.yaml --format json >lost.json 2>lost.err &
srun=$!
for ((tries = 0; tries < 200; tries++)); do
    [[ -e lost.yaml.spool/expected ]] && break
    sleep 0.1
done
"$here/cluster.sh" node-down n4
for ((tries = 0; tries < 300; tries++)); do
    [[ -s lost.json ]] && break
    sleep 0.2
done
expect "a node lost: it is named" n4 "$(json lost.json 'r["missing"]')"
expect "a node lost: the others' results are there" 3 "$(json lost.json 'sum(c["count"] for c in r["classes"])')"
expect_match "a node lost: a warning" "no answer from 1 node: n4" "$(<lost.err)"
within 30 "$bin/amorsize-advise" --cluster lost.yaml --dry-run job.yaml >advice.txt
expect_match "a node lost: amorsize-advise plans with the profile" "parallel" "$(<advice.txt)"
# Slurm notices a dead node only after a while; the step is no longer needed.
scancel -n lost-half-way || true
kill "$srun" 2>/dev/null || true
wait "$srun" 2>/dev/null || true
bring_back n4

# --- the same under amorsize-advise, which also ends when srun would not
trap '"$here/cluster.sh" node-up n3; rm -rf "$work"' EXIT
await_idle
advises "" 0 >advice.json 2>advice.err &
advice=$!
for ((tries = 0; tries < 300; tries++)); do
    compgen -G "$work/cache/amorsize/passing-*/spool/expected" >/dev/null && break
    sleep 0.1
done
"$here/cluster.sh" node-down n3
status=0
wait "$advice" || status=$?
expect "advise: exit code where a node is lost" 0 "$status"
expect_match "advise: a node lost is named" 'no answer from 1 node: n3' "$(<advice.err)"
expect_match "advise: in what the advice rests on too" 'nodes that did not answer.*"n3"' "$(tr '\n' ' ' <advice.json)"
expect_match "advise: the others are measured" 'class a measured just now on n[12]' "$(basis_of advice.json)"
nothing_left "a node lost"
bring_back n3
