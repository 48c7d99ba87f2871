#!/usr/bin/env bash
# amorsize-advise where Slurm answers: the sample runs on a compute node, once measured a class is known,
# what Slurm refuses is explained, and nothing stays behind.
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"
export XDG_CACHE_HOME=$work/cache
known='profile: {seconds: 5, peak_memory: 20MiB}'
advise() { within 150 "$bin/amorsize-advise" "$@"; }

printf 'amorsize: 1\nname: known\ncommand: [sleep, "5"]\nitems: {range: [0, 40]}\n%s\n' "$known" >known.yaml
cat >job.yaml <<END
amorsize: 1
name: job
command: "hostname >> $work/hosts; sleep 0.05"
items: {range: [0, 400]}
sample: {size: 3}
END

# A sample takes a node of the target partition, which measures itself the first time.
advise job.yaml --format json >first.json 2>first.err
expect_match "the sample ran on a compute node" '^n[12]$' "$(sort -u hosts)"
python3 - first.json >basis.txt <<'END'
import json, sys
for fact in json.load(open(sys.argv[1]))["basis"]:
    print(f'{fact["name"]}: {fact["value"]} ({fact["source"]}: {fact["origin"]})')
END
expect_match "the class was measured" 'class a: .*2 cores.*\(measured: just now on n[12]\)' "$(<basis.txt)"
expect_match "the other class was measured beside it" 'class b: .*1 core.*\(measured: just now on n[34]\)' "$(<basis.txt)"
expect_match "the launch cost was measured over both" 'launch: .*\(measured: steps timed just now from n[12]\)' "$(<basis.txt)"
expect_match "the advice says what it cost" 'advice: .* on 2 nodes after .* in the queue \(measured: job [0-9]+ on n[12]\)' "$(<basis.txt)"
expect "nothing stays in the queue" "" "$(squeue -h)"
job=$(grep -o 'job [0-9]*' basis.txt | cut -d' ' -f2)
expect "the sample's job has ended" COMPLETED "$(accounted "$job" State | head -n 1)"

# The second time only the sample runs.
advise job.yaml --format json >second.json
expect "the class is known from the cache" 1 "$(grep -c '"earlier on n[12]"' second.json)"
sed -i 's/booted 20../booted 19../' "$XDG_CACHE_HOME"/amorsize/class-*.yaml
advise job.yaml --format json >third.json
expect "after another boot it is measured again" 1 "$(grep -c '"just now on n[12]"' third.json)"
sed -i 's/booted 20../booted 19../' "$XDG_CACHE_HOME"/amorsize/class-*.yaml
advise known.yaml --dry-run --format json >stale.json
expect_match "without a node the advice says why a class is not known" 'out of date: n[12] has booted since' "$(<stale.json)"

# Asked to, every class is measured again, and the launch on several nodes.
advise known.yaml --probe --dry-run --format json >probed.json
python3 - <<'END' || fail "a probe of the partition: $(grep -A99 basis probed.json)"
import json
basis = {fact["name"]: fact for fact in json.load(open("probed.json"))["basis"]}
assert " on 3 nodes " in basis["advice"]["value"], basis["advice"]
for name in "class a", "class b":
    assert basis[name]["origin"].startswith("just now"), basis[name]
for name in "launch", "chunk dispatch":
    assert basis[name]["source"] == "measured", basis[name]
END
echo "ok: --probe measures every class and the launch"

# A partition of its own, its limits, its nodes.
advise job.yaml --partition short --format json >short.json
expect_match "limits of the partition hold" '"mem_mib_per_node": (1500|[0-9]{1,3}|1[0-4][0-9]{2}),' "$(grep mem_mib short.json | head -n 1)"
cp "$bin/amorsize-advise" "$work" # the checkout may lie where nobody else can look
as_nobody env XDG_CACHE_HOME="$work/nobody" "$work/amorsize-advise" "$work/known.yaml" --dry-run --format json >guest.json
nodes=$(python3 -c 'import json; print(json.load(open("guest.json"))["request"]["nodes"])')
((nodes <= 2)) || fail "the guest account may have 2 nodes, not $nodes"
echo "ok: limits of the account hold"

# A partition and a quality of service that take no small jobs; the sample is such a job too.
request() { python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))["request"][sys.argv[2]])' "$1" "$2"; }
for narrow in '-p wide -N2' '--qos pairs -N1'; do
    # shellcheck disable=SC2086  # two words each
    if within 20 sbatch --test-only $narrow --wrap true 2>narrow.err; then fail "Slurm takes $narrow"; fi
done
advise job.yaml --partition wide --format json >wide.json
nodes=$(request wide.json nodes)
((nodes >= 3)) || fail "partition wide takes three nodes, not $nodes"
expect_match "a sample takes the nodes a job must" ' on 3 nodes after ' "$(<wide.json)"
sed '$a limits: {qos: pairs}' known.yaml >pairs.yaml
advise pairs.yaml --format json >pairs.json
nodes=$(request pairs.json nodes)
((nodes >= 2)) || fail "QoS pairs takes two nodes, not $nodes"
echo "ok: least nodes of a partition and of a quality of service"

# Without a sample Slurm is asked for nothing but its judgement.
: >hosts
mkdir shim
printf '#!/bin/sh\necho used >%s/used\n' "$work" >shim/salloc
chmod +x shim/*
PATH=$work/shim:$PATH advise known.yaml --dry-run >/dev/null
expect "known figures need no node" "no" "$([[ -e used ]] && echo yes || echo no)"
advise job.yaml --local --dry-run >/dev/null
expect "--local samples here" "$(hostname)" "$(sort -u hosts)"

# Inside an allocation the sample is a step of it.
: >hosts
within 60 salloc -Q -N1 -w n2 --exclusive --mem=2000M "$bin/amorsize-advise" job.yaml --dry-run >inside.txt
expect "inside an allocation its node is used" n2 "$(sort -u hosts)"
expect_match "a first reading names what the advice cost" 'measured: advice .* on one node .*job [0-9]+ on n2' "$(tr -s ' \n' ' ' <inside.txt)"

# Refusals, in the manifest's terms.
refused() {
    local what=$1 code=$2 words=$3 status=0
    shift 3
    printf 'amorsize: 1\nname: refused\ncommand: [sleep, "5"]\nitems: {range: [0, 40]}\n%s\n%s\n' "$known" "$1" >refused.yaml
    advise refused.yaml >refused.out 2>&1 || status=$?
    expect "exit code: $what" "$code" "$status"
    expect_match "$what" "$words" "$(<refused.out)"
    [[ ! -e refused.sbatch ]] || fail "$what: a script was written"
}
refused "an account that is not mine" 4 'limits.account: chemistry' 'limits: {account: chemistry}'
refused "an unknown quality of service" 4 'limits.qos: gold' 'limits: {qos: gold}'
refused "features that no node has" 4 'limits.constraint: x&y' 'limits: {constraint: "x&y"}'
refused "a partition that is not there" 4 'no partition nowhere' 'limits: {partition: nowhere}'
refused "fewer nodes than the partition takes" 4 'partition wide takes jobs of 3 nodes and more, limits.nodes allows 2' \
    'limits: {partition: wide, nodes: 2}'
refused "a reservation that is not there" 4 'slurm.reservation' 'slurm: {reservation: none}'
# Slurm would queue it for a partition that nobody looks after.
scontrol update partitionname=short state=drain
status=0
advise known.yaml --dry-run --partition short >closed.out 2>&1 || status=$?
scontrol update partitionname=short state=up
expect "exit code: a partition that takes no jobs" 5 "$status"
expect_match "a partition that takes no jobs" 'short is DRAIN: .*--partition .main, wide, whole, shapes.' "$(tr '\n' ' ' <closed.out)"

sample_refused=0
sed '$a limits: {account: chemistry}' job.yaml >refused.yaml
advise refused.yaml >refused.out 2>&1 || sample_refused=$?
expect "exit code: a sample under an account that is not mine" 4 "$sample_refused"
expect_match "a sample under an account that is not mine" 'refuses the sample: limits.account.*--no-sample' "$(tr '\n' ' ' <refused.out)"

# What is not there on the nodes.
"$here/cluster.sh" exec n1 true
hidden=/tmp/amorsize-hidden-$$
mkdir "$hidden"
printf '#!/bin/sh\n' >"$hidden/program"
chmod +x "$hidden/program"
printf 'amorsize: 1\nname: hidden\ncommand: [%s/program]\nitems: {range: [0, 40]}\n' "$hidden" >hidden.yaml
status=0
advise hidden.yaml >hidden.out 2>&1 || status=$?
rm -rf "$hidden"
expect "exit code: a program of this machine alone" 5 "$status"
expect_match "a program of this machine alone" 'not visible on node n[12]' "$(<hidden.out)"
status=0
sed "s/hostname.*0.05/echo no good >\&2; exit 3/" job.yaml >failing.yaml
advise failing.yaml >failing.out 2>&1 || status=$?
expect "exit code: an item that fails on the node" 3 "$status"
expect_match "an item that fails on the node" 'on node n[12]: .*no good' "$(tr '\n' ' ' <failing.out)"

# A queue that does not move, and a user who does not wait.
holder=$(within 30 sbatch --parsable -N4 --exclusive --mem=0 --time=3 -o /dev/null --wrap 'sleep 60')
status=0
advise job.yaml --wait 2s >waited.out 2>&1 || status=$?
expect "exit code: no node within the wait" 5 "$status"
expect_match "no node within the wait" 'no node of partition main was free within 2 s .Slurm.s reason: (Resources|Priority)' "$(<waited.out)"
expect "the wait leaves nothing in the queue" "$holder" "$(squeue -ho %i)"
"$bin/amorsize-advise" job.yaml >interrupted.out 2>&1 &
advisor=$!
sleep 1
kill -TERM "$advisor"
status=0
wait "$advisor" || status=$?
expect "ended by the signal" 143 "$status"
expect "an interrupt leaves nothing in the queue" "$holder" "$(squeue -ho %i)"

# The goal turnaround counts the wait.
scancel "$holder"
holder=$(within 30 sbatch --parsable -w n3,n4 -N2 --exclusive --mem=0 --time=30 -o /dev/null --wrap 'sleep 60')
printf 'amorsize: 1\nname: soon\ncommand: [sleep, "5"]\nitems: {range: [0, 400]}\n%s\n' "$known" >soon.yaml
for ((i = 0; i < 50; i++)); do [[ $(squeue -ho %T) == RUNNING ]] && break || sleep 0.2; done
advise soon.yaml --dry-run --goal turnaround --format json >soon.json
scancel "$holder"
expect "nodes that are free now end sooner" "2 True" \
    "$(python3 -c 'import json; a = json.load(open("soon.json")); print(a["request"]["nodes"], a["predicted"]["queue_seconds"] < 10)')"
python3 - <<'END' || fail "the alternative on busy nodes names its wait"
import json
waits = [a["predicted"]["queue_seconds"] for a in json.load(open("soon.json"))["alternatives"]]
assert any(wait is not None and wait > 600 for wait in waits), waits
END
echo "ok: the alternative on busy nodes names its wait"

# A controller that does not answer.
sed 's/^SlurmctldPort=.*/SlurmctldPort=26999/' "$SLURM_CONF" >dead.conf
status=0
SLURM_CONF=$work/dead.conf advise known.yaml >dead.out 2>&1 || status=$?
expect "exit code: no controller" 5 "$status"
expect_match "no controller" 'scontrol ping.*--local' "$(<dead.out)"
SLURM_CONF=$work/dead.conf advise known.yaml --local --dry-run >/dev/null
echo "ok: --local asks no controller"
