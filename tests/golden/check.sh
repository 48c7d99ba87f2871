#!/usr/bin/env bash
# Compares advices byte for byte with what was reviewed.
#   check.sh [--update] ADVISE [NAME...]
# A folder holds job.yaml, cluster.yaml, and where they matter samples.csv and options (of the command line).
# expected.*: text advice, text with --explain, JSON, script, plan; no script and no plan where nothing fits. Where there
# is an expected.plot.txt, what --plot adds.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

update=false
[[ ${1:-} == --update ]] && update=true && shift
advise=${1:?the built amorsize-advise}
shift
work=$(mktemp -d "${TMPDIR:-/tmp}/amorsize-golden.XXXXXX")
trap 'rm -rf "$work"' EXIT

# A folder of its own for the programs, so that their paths are known and amorsize-run need not be built.
mkdir "$work/bin"
cp "$advise" "$work/bin/amorsize-advise"
printf '#!/bin/sh\n' > "$work/bin/amorsize-run"
chmod +x "$work/bin/amorsize-run"

# Advice calls programs that are on the PATH by their names alone; those of no installation are to be there.
path=$(tr ':' '\n' <<<"$PATH" | while read -r folder; do [[ -x $folder/amorsize-run ]] || echo "$folder"; done | paste -sd:)

# Prints a file with the paths of this machine replaced.
portable() {
    sed -e "s#$work/out#@OUT@#g" -e "s#$work/bin#@BIN@#g" -e "s#$here/$name#@JOB@#g" "$1"
}

# advice FILE OPTION...: the advice of one job in $work/FILE, errors and exit code included.
advice() {
    local file=$1 status=0
    shift
    (cd "$here/$name" && env -i PATH="$path" timeout 60 "$work/bin/amorsize-advise" job.yaml \
        --cluster cluster.yaml "${options[@]}" "$@") > "$work/$file" 2>&1 || status=$?
    ((status == 0)) || echo "exit code $status" >> "$work/$file"
}

failures=0
compare() {
    local produced=$1 expected=$here/$name/$2
    if $update; then
        if [[ -e $produced ]]; then portable "$produced" > "$expected"; else rm -f "$expected"; fi
        return
    fi
    [[ -e $produced || -e $expected ]] || return 0
    if ! diff -u --label "$name/$2" --label produced "$expected" \
        <([[ ! -e $produced ]] || portable "$produced"); then
        failures=$((failures + 1))
    fi
}

names=("$@")
if ((${#names[@]} == 0)); then
    for job in "$here"/*/job.yaml; do names+=("$(basename "$(dirname "$job")")"); done
fi
for name in "${names[@]}"; do
    options=()
    [[ ! -e $here/$name/options ]] || read -ra options < "$here/$name/options"
    [[ ! -e $here/$name/samples.csv ]] || options+=(--samples samples.csv)
    rm -rf "$work/out"
    mkdir "$work/out"
    advice text --output "$work/out"
    advice explain --explain --dry-run
    advice json --format json --output "$work/out"
    files=("$work/out"/*.sbatch)
    script=${files[0]}
    compare "$work/text" expected.txt
    if [[ -e $here/$name/expected.plot.txt ]]; then
        advice plot --plot --dry-run
        sed -i -n '/^speed-up over\|^memory of a node/,$p' "$work/plot"
        compare "$work/plot" expected.plot.txt
    fi
    compare "$work/explain" expected.explain.txt
    compare "$work/json" expected.json
    compare "$script" expected.sbatch
    compare "${script%.sbatch}.plan.yaml" expected.plan.yaml
done
$update && echo "wrote what ${#names[@]} advices say" && exit 0
((failures == 0)) || { echo "$failures files differ; after a review: check.sh --update ADVISE"; exit 1; }
echo "${#names[@]} advices as reviewed"
