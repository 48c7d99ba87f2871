#!/usr/bin/env bash
# A hook answers 0 within a second, whatever is wrong.   guard_test.sh PROGRAMS
set -euo pipefail
programs=$(realpath "$1")/hooks
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
work=$(mktemp -d /var/tmp/amorsize-hooks.XXXXXX)
frozen=
clean_up() {
    if [[ ${COPROC_PID:-} ]]; then
        kill "$COPROC_PID" 2>/dev/null || true
        umount -l "$work/stalled" 2>/dev/null || true
    fi
    if [[ $frozen ]]; then
        fsfreeze -u "$work/disk" 2>/dev/null || true
        umount "$work/disk" 2>/dev/null || umount -l "$work/disk" || true
    fi
    rm -rf --one-file-system "$work"
}
trap clean_up EXIT
chmod 755 "$work"

fail() { echo "FAILED: $*" >&2; exit 1; }

bash "$root/slurm/hooks/install.sh" --programs "$programs" --folder "$work/hooks" >/dev/null
hooks=$work/hooks
settings() { printf 'enabled = yes\nstate = %s\nrecord = %s\n' "${1:-$work/state}" "${2:-$work/record}" >"$hooks/hooks.conf"; }
settings

# Runs a hook as slurmd does; exit code 0 and less than a second are what every case must show. What took longer is tried
# twice more: a busy machine is late once, a hook that does not keep its time every time.
run() {
    local what=$1 hook=$2 began took tries
    shift 2
    for ((tries = 0; tries < 3; tries++)); do
        began=${EPOCHREALTIME/./}
        env -i SLURM_JOB_ID=7 SLURM_JOB_UID=1 SLURMD_NODENAME=n1 SLURM_NODELIST='n[1-2]' SLURM_JOB_CPUS_PER_NODE=2,1 "$@" \
            "$hooks/$hook" >"$work/out" 2>&1 </dev/null || fail "$what: exit code $?"
        took=$(((${EPOCHREALTIME/./} - began) / 1000))
        ((took >= 1000)) || break
    done
    ((took < 1000)) || fail "$what: $took ms"
    echo "ok: $what ($took ms)"
}

# The same for a hook whose worker must have written what PATTERN finds in FILE: told PATTERN FILE WHAT HOOK...
# On a busy machine a worker may be cut off, so it is given five chances.
told() {
    local pattern=$1 file=$2 tries
    shift 2
    for ((tries = 0; tries < 5; tries++)); do
        run "$@"
        ! grep -q "$pattern" "$file" 2>/dev/null || return 0
    done
    fail "$1: $pattern is not told"
}

told '^AMORSIZE_NODE_DOMAINS=[1-9]' "$work/state/jobs/7" "prolog" prolog
grep -qx AMORSIZE_JOB_CPUS=2 "$work/state/jobs/7" || fail "the job's CPUs are not told"
sed -i 's/^cores=.*/cores=4096/' "$work/record/class"
sed -i /in_class/d "$work/state/node"
told 'out_of_class node=n1 cores expected=4096' "$work/record/n1.log" "a node out of its class" prolog
told 'outcome job=7 .*cpus=2 .*exit=3:0 steps=0:125 out_of_memory=yes restarts=2$' "$work/record/n1.log" "epilog" \
    epilog SLURM_JOB_EXIT_CODE2=3:0 SLURM_JOB_DERIVED_EC=253 SLURM_JOB_RESTART_COUNT=2
[[ ! -e $work/state/jobs/7 ]] || fail "the job's file is left"

told '^export AMORSIZE_WORKERS=1$' "$work/out" "tasks" task-prolog SLURM_STEP_ID=0 SLURM_CPUS_PER_TASK=1 OMP_NUM_THREADS=64
grep -qx 'export OMP_NUM_THREADS=1' "$work/out" || fail "threads do not fit"
run "switched off by the user" task-prolog SLURM_STEP_ID=0 AMORSIZE_DISABLE=1
[[ ! -s $work/out ]] || fail "printed though switched off"
sed -i 's/yes/no/' "$hooks/hooks.conf"
run "switched off by the site" prolog
[[ ! -e $work/state/jobs/7 ]] || fail "worked though switched off"
echo 'enabeld = no' >"$hooks/hooks.conf"
run "settings that are not understood" prolog
[[ ! -e $work/state/jobs/7 ]] || fail "worked with settings it did not understand"
settings

# In the places of our files: a link, a pipe, a folder, a huge sparse file, nonsense, another user's.
echo precious >"$work/precious"
kinds=("ln -s $work/precious" mkfifo mkdir "truncate -s 1T" "cp $hooks/prolog")
if [[ $EUID -eq 0 ]]; then kinds+=("install -o 65534 $work/precious"); fi
for hostile in "${kinds[@]}"; do
    for place in state/node state/jobs/7 state/facts.lock state/record.lock record/class record/n1.log; do
        rm -rf "$work/state" "$work/record"
        mkdir -p "$work/state/jobs" "$work/record"
        $hostile "$work/$place" 2>/dev/null || fail "cannot make: $hostile $place"
        run "$hostile $place" prolog >/dev/null
        run "$hostile $place" epilog >/dev/null
    done
done
[[ $(<"$work/precious") == precious ]] || fail "a link was followed"
echo "ok: hostile files"
rm -rf "$work/state" "$work/record"
if [[ $EUID -eq 0 ]]; then
    mkdir -m 777 "$work/state"
    run "a folder that others may write" prolog
    [[ -z $(ls "$work/state") ]] || fail "wrote into a folder of anybody"
    rm -rf "$work/state"
fi

# In place of a plan and of a script, which are the user's own.
mkfifo "$work/pipe"
truncate -s 1T "$work/huge"
head -c 100000 /dev/urandom >"$work/noise"
for hostile in "$work/pipe" "$work/huge" "$work/noise" "$work" /dev/zero /dev/tty /proc/kmsg "$work/none" "$(printf 'x%.0s' {1..5000})" ''; do
    run "a plan" task-prolog SLURM_STEP_ID=0 AMORSIZE_PLAN="$hostile" >/dev/null
    printf 'requests = fill\n' >>"$hooks/hooks.conf"
    timeout 5 "$hooks/request-advice" "{\"argv\": [\"$hostile\"]}" >"$work/out" 2>&1 </dev/null || fail "a script $hostile: exit code $?"
    [[ ! -s $work/out ]] || fail "a script $hostile: said $(head -c 200 "$work/out")"
    settings
done
echo "ok: hostile plans and scripts"

# In place of the worker: what is missing, damaged, crashes, hangs, prints without end.
worker() { rm -f "$hooks/hook"; printf '%s\n' "$@" >"$hooks/hook"; chmod 755 "$hooks/hook"; }
rm "$hooks/hook"; run "no worker" prolog
worker "not a program"; run "an exec format error" prolog
worker "#!/nowhere"; run "no interpreter" prolog
worker "#!/bin/sh" "exit 3"; run "a failing worker" prolog
# shellcheck disable=SC2016
worker "#!/bin/sh" 'kill -SEGV $$'; run "a crash" prolog
# shellcheck disable=SC2016
worker "#!/bin/sh" 'kill -KILL $$'; run "a kill" prolog
worker "#!/bin/sh" "trap '' TERM; sleep 5"; run "a hang" prolog
worker "#!/bin/sh" "exec >&- 2>&-; sleep 5"; run "a silent hang" prolog
worker "#!/bin/sh" "exec yes"; run "endless output" task-prolog
[[ ! -s $work/out ]] || fail "passed on half an answer"
chmod 600 "$hooks/hook"; run "a worker that may not be run" prolog
worker "#!/bin/sh" "touch $work/ran"; chmod 777 "$hooks/hook"; run "a worker that others may write" prolog
[[ ! -e $work/ran ]] || fail "ran what others may write"
rm "$hooks/hook"; install -m 755 "$programs/hook" "$hooks/hook"
run "hardly any memory" prolog prlimit --as=3000000
for limit in nofile=0 nofile=4 nproc=0 stack=16384 as=20000000 fsize=0; do
    run "limit $limit" prolog prlimit --$limit
    run "limit $limit" task-prolog SLURM_STEP_ID=0 prlimit --$limit
done
# The soft limit alone, for past the hard one the kernel kills whatever the program does; and held back until the hook runs.
run "no CPU time left" prolog python3 -c '
import os, resource, signal, sys
signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGXCPU})
resource.setrlimit(resource.RLIMIT_CPU, (0, resource.RLIM_INFINITY))
os.execv(sys.argv[1], sys.argv[1:])'
told '^export AMORSIZE_WORKERS=' "$work/out" "every signal ignored and blocked" task-prolog SLURM_STEP_ID=0 python3 -c '
import os, signal, sys
for number in set(signal.Signals) - {signal.SIGKILL, signal.SIGSTOP}: signal.signal(number, signal.SIG_IGN)
signal.pthread_sigmask(signal.SIG_BLOCK, set(signal.Signals))
os.execv(sys.argv[1], sys.argv[1:])'
told "^AMORSIZE_JOB_STARTED=" "$work/state/jobs/7" "prolog, then a clock set back" prolog
sed -i 's/^AMORSIZE_JOB_STARTED=.*/AMORSIZE_JOB_STARTED=4000000000/' "$work/state/jobs/7"
run "a clock set back" epilog
if grep -q 'seconds=-' "$work/record/n1.log"; then fail "a job of negative length"; fi
pids=/sys/fs/cgroup/pids/amorsize-hooks.$$
if mkdir "$pids" 2>/dev/null; then
    for most in 1 2; do
        echo $most >"$pids/pids.max"
        # shellcheck disable=SC2016
        run "no more than $most processes" prolog sh -c 'echo $$ >'"$pids"'/cgroup.procs && exec "$0"'
    done
    rmdir "$pids"
fi
# Not in a changed root that is no mount point: there mounts of a namespace would reach the host.
if unshare -m true 2>/dev/null; then
    # shellcheck disable=SC2016
    run "no /sys" prolog unshare -m sh -c 'mount -t tmpfs none /sys; exec "$0"'
    # shellcheck disable=SC2016
    run "no /proc" prolog unshare -m sh -c 'mount -t tmpfs none /proc; exec "$0"'
else
    echo "SKIPPED: no /sys and no /proc: mounts of our own cannot be had here"
fi

# A file system that answers nothing, not even who it is.
cat >"$work/stall.py" <<'END'
import ctypes, os, sys, time
device = os.open("/dev/fuse", os.O_RDWR)
options = f"fd={device},rootmode=40000,user_id=0,group_id=0"
if ctypes.CDLL(None).mount(b"stalled", sys.argv[1].encode(), b"fuse", 6, options.encode()): sys.exit(1)
print("mounted", flush=True)
time.sleep(30)
END
mkdir "$work/stalled"
if [[ $EUID -eq 0 && -w /dev/fuse ]] && coproc python3 "$work/stall.py" "$work/stalled" 2>/dev/null && read -r -u "${COPROC[0]}"; then
    settings "$work/state" "$work/stalled/record"
    run "a record that never answers" prolog
    run "a record that never answers" epilog
    settings "$work/stalled/state"
    run "a state that never answers" prolog
    settings
    run "a plan that never answers" task-prolog SLURM_STEP_ID=0 AMORSIZE_PLAN="$work/stalled/plan.yaml"
    kill "$COPROC_PID"
    wait "$COPROC_PID" 2>/dev/null || true
    umount -l "$work/stalled"  # a hook that hung in it may not have been woken yet
    rm -rf "$work/state"
else
    echo "SKIPPED: a file system that never answers needs root and /dev/fuse"
fi

# A disk that stalls, and one that is full.
truncate -s 16M "$work/image"
if [[ $EUID -eq 0 ]] && mkfs.ext4 -qF "$work/image" && mkdir "$work/disk" && mount -o loop "$work/image" "$work/disk" 2>/dev/null; then
    frozen=1
    settings "$work/state" "$work/disk/record"
    mkdir -m 755 "$work/disk/record"
    cat /dev/zero >"$work/disk/fill" 2>/dev/null || true
    run "a full disk" prolog
    run "a full disk" epilog
    rm "$work/disk/fill"
    rm -rf "$work/state"
    fsfreeze -f "$work/disk"
    run "a stalled disk" prolog
    run "a stalled disk, once more" prolog
    run "a stalled disk" epilog
    [[ -e $work/state/node ]] || fail "the facts wait for the disk"
    fsfreeze -u "$work/disk"
else
    echo "SKIPPED: the stalled and the full disk need root and a loop device"
fi
settings

rm -rf "$work/state" "$work/record"
for ((i = 0; i < 41; i++)); do run prolog prolog; done | grep -o '[0-9]* ms' | sort -n | sed -n '21s/^/median of 41: /p;41s/^/worst: /p'
