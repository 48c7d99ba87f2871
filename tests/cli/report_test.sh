#!/usr/bin/env bash
# --report: what it writes, where, and what it leaves alone.
# shellcheck source=tests/cli/support.sh
source "$(dirname "${BASH_SOURCE[0]}")/support.sh" "$@"

job rich
run 0 "a page" rich.yaml --cluster "$cluster" --output out --report rich.html
says rich.html '<meta name="generator" content="amorsize-advise"/>'
says rich.html '#SBATCH --nodes='
says stdout ', rich.html   next: '
[[ $(find out -type f | wc -l) == 2 ]] || fail "the script and the plan were not written beside the page"
cp rich.html first.html
run 0 "a page in place of a page" rich.yaml --cluster "$cluster" --output out --report rich.html
cmp -s first.html rich.html || fail "the same advice gave another page"
run 0 "a page beside JSON" rich.yaml --cluster "$cluster" --output out --report json.html --format json
says json.html '</html>'
python3 -m json.tool stdout > /dev/null || fail "the page spoilt the JSON"

rm -rf out/*
run 0 "--dry-run" rich.yaml --cluster "$cluster" --output out --report dry.html --dry-run
[[ ! -e dry.html ]] || fail "--dry-run wrote a page"
nothing_in out "--dry-run"

cp rich.yaml before.yaml
run 2 "the manifest as page" rich.yaml --cluster "$cluster" --output out --report rich.yaml
says stderr "--report rich.yaml: there is a file that is no page of this program"
cmp -s before.yaml rich.yaml || fail "the manifest was overwritten"
nothing_in out "a refused page"
for name in rich.sbatch rich.plan.yaml; do
    run 2 "$name as page" rich.yaml --cluster "$cluster" --output out --report "out/$name"
    says stderr "another output of this advice has that name"
done
: > empty.html
run 0 "an empty file as page" rich.yaml --cluster "$cluster" --output out --report empty.html
rm -rf out/*
run 5 "a folder that is not there" rich.yaml --cluster "$cluster" --output out --report nowhere/page.html
nothing_in out "a page without a place"

job large 'profile: {seconds: 60, peak_memory: 561GiB}'
run 4 "nothing fits" large.yaml --cluster "$cluster" --output out --report large.html
says large.html 'one worker needs 561 GiB'
says stdout 'wrote large.html'
nothing_in out "an infeasible job"

# --plot: below the advice, before what was written.
run 0 "--plot" rich.yaml --cluster "$cluster" --output out --plot
says stdout "speed-up over the workers of one node"
[[ $(tail -n 1 stdout) == wrote* ]] || fail "--plot: the last line is not what to do next: $(tail -n 1 stdout)"
run 4 "--plot where nothing fits" large.yaml --cluster "$cluster" --output out --plot
says stdout "none would fit"
run 2 "--plot with JSON" rich.yaml --cluster "$cluster" --dry-run --plot --format json
says stderr "--plot draws for people, and --format json is for programs"

finish
