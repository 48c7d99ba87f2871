# What the scripts that run amorsize-run share. Expects AMORSIZE_BIN: the folder of the built programs.

set -u
export AMORSIZE_HISTORY= # no test is to learn from another, or to write to its caller's home
: "${AMORSIZE_BIN:?set it to the folder of the built programs}"
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
export PATH="$AMORSIZE_BIN:$PATH"
TSAN_OPTIONS="suppressions=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)/thread-sanitizer.supp${TSAN_OPTIONS:+ $TSAN_OPTIONS}"
export TSAN_OPTIONS

folder=$(mktemp -d "${TMPDIR:-/tmp}/amorsize-run-test.XXXXXX")
trap 'cd /; rm -rf "$folder"' EXIT
cd "$folder" || exit 1

# For programs under the address sanitizer: what Open MPI leaves at its end is not ours.
no_leaks=detect_leaks=0${ASAN_OPTIONS:+:$ASAN_OPTIONS}

failures=0

fail() {
    echo "FAILED: $*" >&2
    failures=$((failures + 1))
}

# check "what should hold" command...
check() {
    local what=$1
    shift
    "$@" || fail "$what"
}

# await "what should come to hold" command...: for 30 s at most
await() {
    local what=$1 tries
    shift
    for ((tries = 0; tries < 300; tries++)); do
        "$@" 2>/dev/null && return
        sleep 0.1
    done
    fail "$what"
}

# same "what" expected actual
same() {
    [ "$2" = "$3" ] && return
    fail "$1"
    diff <(echo "expected"; echo "$2") <(echo "got"; echo "$3") | head -20 >&2
}

# job NAME MODE ITEMS COMMAND [LINE...]: writes NAME.yaml; LINEs are further lines of the manifest.
job() {
    local name=$1 mode=$2 items=$3 command=$4
    shift 4
    {
        echo "amorsize: 1"
        echo "name: $name"
        echo "kind: tasks"
        echo "command: $command"
        echo "mode: $mode"
        echo "items: $items"
        local line
        for line in "$@"; do echo "$line"; done
    } >"$name.yaml"
}

# plan NAME RANKS WORKERS CHUNK SCHEDULE [CPUS [ELEMENTS]]
plan() {
    local name=$1
    shift
    make_plan "$name.yaml" "$name.plan.yaml" "$@" || fail "no plan for $name"
}

# mpi RANKS ARGUMENT...: amorsize-run as that many ranks of this node
mpi() {
    local ranks=$1
    shift
    ASAN_OPTIONS=$no_leaks timeout 120 mpirun --oversubscribe -np "$ranks" amorsize-run "$@"
}

# done_rows NAME: item numbers of the rows of the job log that say done
done_rows() {
    awk -F'\t' 'NR > 1 && $11 == "done" {print $1 - 1}' "$1.joblog" | sort -n
}

finish() {
    [ "$failures" -eq 0 ] && echo "all held" && exit 0
    echo "$failures failed" >&2
    exit 1
}
