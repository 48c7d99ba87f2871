# shellcheck shell=bash
# What the tests of amorsize-advise share: source it with the program as first argument. It leaves the caller in an empty folder.
set -u
export AMORSIZE_HISTORY= # no test is to learn from another, or to write to its caller's home
advise=$(realpath "${1:?the built amorsize-advise}")
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
folder=$(mktemp -d "${TMPDIR:-/tmp}/amorsize-cli.XXXXXX")
chmod 755 "$folder"
at_end=()
# shellcheck disable=SC2154  # step is the loop's
trap 'cd /; for step in "${at_end[@]}"; do $step; done; rm -rf "$folder"' EXIT
cd "$folder" || exit 1
mkdir out
# shellcheck disable=SC2034  # for the tests
cluster=$root/configs/clusters/mini.yaml
failures=0
skipped=()

fail() {
    echo "FAILED: $*" >&2
    failures=$((failures + 1))
}

skip() {
    echo "SKIPPED: $*"
    skipped+=("$*")
}

# job NAME [LINE...]: writes NAME.yaml; a LINE whose key the basis has replaces it.
job() {
    local name=$1 line
    shift
    {
        echo "amorsize: 1"
        echo "name: $name"
        for line in 'command: ["true", "{item}"]' 'items: {range: [0, 5000]}' \
            'profile: {seconds: 2, peak_memory: 100MiB}'; do
            [[ "$*" == *"${line%%:*}:"* ]] || echo "$line"
        done
        for line in "$@"; do echo "$line"; done
    } > "$name.yaml"
}

# run WANTED WHAT ARGUMENT...: runs the advisor, its streams in files stdout and stderr, and compares the exit code.
run() {
    local wanted=$1 what=$2 status=0
    shift 2
    timeout 60 "$advise" "$@" > stdout 2> stderr < /dev/null || status=$?
    [[ $status == "$wanted" ]] && return
    fail "$what: exit code $status in place of $wanted"
    head -5 stderr >&2
}

says() { grep -qF -e "$2" "$1" || { fail "$1 does not say '$2'"; head -5 "$1" >&2; }; }
silent() { [[ ! -s $1 ]] || { fail "$2: $1 is not empty"; head -5 "$1" >&2; }; }
nothing_in() { [[ -z $(ls -A "$1") ]] || fail "$2: left $(ls -A "$1")"; }
plain() {
    if grep -q $'\033' "$@"; then fail "escape codes in $*"; fi
}

finish() {
    ((failures == 0)) || { echo "$failures failed" >&2; exit 1; }
    ((${#skipped[@]} == 0)) || exit 77
    echo "all held"
    exit 0
}
