# shellcheck shell=bash
# For the tests on the cluster: source it, then use the cluster as a user would.
set -euo pipefail
export AMORSIZE_HISTORY= # no test is to learn from another, or to write to its caller's home

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

skip() {
    echo "SKIPPED: $*"
    exit 77
}

[[ $EUID -eq 0 ]] || skip "a Slurm cluster with nodes of its own needs root"
"$here/cluster.sh" status >/dev/null 2>&1 || skip "no cluster is up in ${AMORSIZE_CLUSTER_DIR:-/var/tmp/amorsize-cluster}"
eval "$("$here/cluster.sh" env)"
# shellcheck disable=SC2034  # for the tests
bin=${AMORSIZE_BIN:-$here/../../build/release/bin}

# A folder that every node and user sees, gone with the test.
work=$(mktemp -d "$AMORSIZE_CLUSTER_DIR/shared/test.XXXXXX")
chmod 1777 "$work"
trap 'rm -rf "$work"' EXIT
cd "$work"

# No step of a test may block the others for long.
within() { timeout --kill-after=5 "$@"; }

fail() {
    echo "FAILED: $*" >&2
    exit 1
}

expect() {
    local what=$1 wanted=$2 found=$3
    [[ $found == "$wanted" ]] || fail "$what: wanted '$wanted', found '$found'"
    echo "ok: $what"
}

expect_match() {
    local what=$1 pattern=$2 found=$3
    [[ $found =~ $pattern ]] || fail "$what: wanted something like '$pattern', found '$found'"
    echo "ok: $what"
}

# Runs a command as the user nobody, whose account is "guest".
as_nobody() { setpriv --reuid=65534 --regid=65534 --clear-groups "$@"; }

# Of lines "JOBID|STATE..." the state of one job or step.
step_state() { grep "^$1|" | cut -d'|' -f2; }

# Waits for the end of a job (sbatch --wait looks only every few seconds), then prints columns of sacct.
accounted() {
    local job=$1 columns=$2 tries
    for ((tries = 0; tries < 300; tries++)); do
        # The start of a job that ends at once may reach the accounting after its end: then its limit is missing.
        if sacct -nPX -j "$job" -o State,TimelimitRaw | grep -qvE 'PENDING|RUNNING|COMPLETING|\|$'; then
            sacct -nP -j "$job" -o "$columns"
            return
        fi
        sleep 0.2
    done
    fail "job $job did not end in 60 s"
}
