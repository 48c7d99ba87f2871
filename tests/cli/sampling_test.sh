#!/usr/bin/env bash
# Running items: failures, time limits, interrupts, and what reaches a stream that is no terminal.
# shellcheck source=tests/cli/support.sh
source "$(dirname "${BASH_SOURCE[0]}")/support.sh" "$@"

# Processes whose command line holds this run's folder.
left_over() { pgrep -f "$folder/sleeper" || true; }
printf '#!/bin/bash\necho started >> %q\nsleep 600 & sleep 600\n' "$folder/started" > sleeper
chmod +x sleeper

job quick 'command: ["sleep", "0.02"]' 'profile: {}' 'sample: {size: 3, budget: 5s}'
sed -i 's/^command.*/command: "sleep 0.02; : {item}"/; /^profile/d' quick.yaml
run 0 "a sample" quick.yaml --local --dry-run
says stdout "sampled: item time"
plain stdout stderr
NO_COLOR=1 run 0 "a sample without colour" quick.yaml --local --dry-run
plain stdout stderr

job short 'command: "sleep 0.6; : {item}"' 'items: {range: [0, 2]}' 'sample: {size: 2, budget: 5s}'
sed -i '/^profile/d' short.yaml
run 0 "a job too short to be worth a second sample" short.yaml --local --dry-run
says stdout "sampling stopped after"
says stdout "1 item spread over the list"

# One worker is all that the memory given holds.
most=$(awk '/^MemAvailable/ { print int($2 / 1024 * 0.6) "MiB" }' /proc/meminfo)
job threaded 'command: "sleep $(((OMP_NUM_THREADS == 1)) && echo 0.6 || echo 0.3); : {item}"' \
    "resources: {threads: auto, memory: $most}" 'sample: {size: 1, budget: 20s}'
sed -i '/^profile/d' threaded.yaml
run 0 "threads left open" threaded.yaml --local --output out
if grep -qF ', 1 core,' stdout; then
    says stdout "threads of a worker 1"
else
    says stdout "2 threads a worker: they make an item"
    grep -q 'resources: {threads: 2,' out/threaded.plan.yaml || fail "the plan has not the threads found best"
fi
rm out/*

job failing 'command: "echo broken-{item} >&2; exit 9"' 'sample: {size: 2, budget: 5s}'
sed -i '/^profile/d' failing.yaml
run 3 "a failing item" failing.yaml --local --output out
says stderr "exit code 9"
says stderr "broken-"
nothing_in out "a failing item"

stack=$(ulimit -S -s)
grep -q __asan_init "$advise" || ulimit -S -s 64  # the address sanitizer needs more for itself
job small-stack 'command: "echo {item}; head -c 300000 /dev/zero"' 'items: {range: [0, 200]}' 'sample: {size: 3, budget: 5s}'
sed -i '/^profile/d' small-stack.yaml
run 0 "a small stack" small-stack.yaml --local --dry-run
ulimit -S -s "$stack"

job hanging "command: [\"$folder/sleeper\", \"{item}\"]" 'sample: {size: 1, budget: 1s, timeout: 1s}'
sed -i '/^profile/d' hanging.yaml
run 3 "a hanging item" hanging.yaml --local --output out
nothing_in out "a hanging item"
[[ -z $(left_over) ]] || fail "a hanging item is still there"

sed -i 's/budget: 1s, timeout: 1s/budget: 60s/' hanging.yaml
for signal in INT TERM; do
    rm -f started
    # A background job of a script ignores SIGINT; python gives it back its meaning.
    python3 -c 'import os, signal, sys
signal.signal(signal.SIGINT, signal.SIG_DFL)
os.execv(sys.argv[1], sys.argv[1:])' "$advise" hanging.yaml --local --output out > stdout 2> stderr &
    child=$!
    for ((tries = 0; tries < 100; tries++)); do [[ -e started ]] && break; sleep 0.1; done
    [[ -e started ]] || fail "no item was started"
    kill -s $signal $child
    status=0
    wait $child || status=$?
    ((status == 128 + $(kill -l $signal))) || fail "SIG$signal: exit code $status"
    says stderr "interrupted while items ran"
    for ((tries = 0; tries < 30; tries++)); do [[ -z $(left_over) ]] && break; sleep 0.1; done
    [[ -z $(left_over) ]] || fail "SIG$signal: an item runs on"
    nothing_in out "SIG$signal"
done
finish
