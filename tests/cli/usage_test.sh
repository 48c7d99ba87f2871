#!/usr/bin/env bash
# Help, version and wrong usage.
# shellcheck source=tests/cli/support.sh
source "$(dirname "${BASH_SOURCE[0]}")/support.sh" "$@"

run 0 "--help" --help
silent stderr "--help"
for option in --local --cluster --samples --no-sample --probe --goal --launcher --nodes --partition --time --risk \
    --headroom --output --dry-run --explain --format --submit --seed --version; do
    says stdout " $option"
done
says stdout "Exit codes: 0"
run 0 "--version" --version
grep -qE '^amorsize-advise [0-9]+\.[0-9]+' stdout || fail "--version says $(cat stdout)"

job plain
wrong() {
    local what=$1
    shift
    run 2 "$what" "$@"
    silent stdout "$what"
    says stderr "amorsize-advise: "
    says stderr "hint: "
}
wrong "no manifest"
wrong "unknown option" plain.yaml --nonsense
wrong "two manifests" plain.yaml plain.yaml
wrong "unknown goal" plain.yaml --goal quickly
wrong "unknown launcher" plain.yaml --launcher aprun
wrong "unknown format" plain.yaml --format yaml
wrong "no nodes" plain.yaml --nodes 0
wrong "nodes in words" plain.yaml --nodes two
wrong "risk of one" plain.yaml --risk 1
wrong "headroom of one" plain.yaml --headroom 1
wrong "seed in words" plain.yaml --seed dice
wrong "seed below zero" plain.yaml --seed -1
wrong "seed too large" plain.yaml --seed 99999999999999999999
wrong "local and a profile" plain.yaml --local --cluster "$cluster"
wrong "samples and none" plain.yaml --no-sample --samples samples.csv
run 2 "a time without a unit" plain.yaml --cluster "$cluster" --time 90 --dry-run
says stderr "--time 90"
finish
