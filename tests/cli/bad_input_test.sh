#!/usr/bin/env bash
# Bad manifests, samples and profiles: exit code 3, every fault, nothing written. Infeasible: 4, nothing written.
# shellcheck source=tests/cli/support.sh
source "$(dirname "${BASH_SOURCE[0]}")/support.sh" "$@"

refused() {
    local what=$1
    shift
    run 3 "$what" "$@" --output out
    silent stdout "$what"
    nothing_in out "$what"
}

refused "no such manifest" nowhere.yaml
says stderr nowhere.yaml
refused "a folder" .
job faulty 'risk: 7' 'nonsense: 1' 'limits: {nodes: -1}'
refused "many faults" faulty.yaml --cluster "$cluster"
says stderr "error: risk"
says stderr "nonsense"
says stderr "error: limits.nodes"
[[ $(grep -c ': error: ' stderr) == 3 ]] || fail "not all faults in one run"

printf '"na\\e[31mme": 1\n' > colours.yaml
job coloured
cat colours.yaml >> coloured.yaml
refused "a key that steers the terminal" coloured.yaml --cluster "$cluster"
plain stderr
says stderr '\x1b[31m'

for line in 'echo "half' 'cat <<EOF' 'if true; then' 'echo $(date'; do
    job open-end "prelude: ['$line']"
    refused "a prelude left open: $line" open-end.yaml --cluster "$cluster"
    says stderr "prelude: bash cannot read"
done
job joined "prelude: ['module load gcc \\']"
refused "a prelude that joins the launch" joined.yaml --cluster "$cluster"
says stderr "ends in a backslash"
job whole 'prelude: ["cat <<EOF", "it'"'"'s \"quoted\"", EOF, "echo done # it'"'"'s"]'
run 0 "a prelude that ends" whole.yaml --cluster "$cluster" --output out --dry-run
LC_ALL=xx_XX.UTF-8 run 0 "a prelude under an unknown locale" whole.yaml --cluster "$cluster" --dry-run
echo 'echo hello >&2' > greeting.sh
BASH_ENV=$PWD/greeting.sh run 0 "a prelude where bash greets" whole.yaml --cluster "$cluster" --dry-run
BASH_ENV=$PWD/greeting.sh refused "a prelude left open where bash greets" open-end.yaml --cluster "$cluster"
says stderr "prelude: bash cannot read"

job plain
for name in "ma in" "-main" "a,b"; do
    sed "s/{name: main,/{name: \"$name\",/" "$cluster" > names.yaml
    refused "partition name $name" plain.yaml --cluster names.yaml
    says stderr "is no name of a partition"
done
printf 'seconds\nfast\n-1\n' > bad.csv
refused "bad samples" plain.yaml --cluster "$cluster" --samples bad.csv
says stderr "bad.csv:2"
says stderr "bad.csv:3"
refused "no such samples" plain.yaml --cluster "$cluster" --samples nowhere.csv
says stderr nowhere.csv
printf 'peak_rss_bytes\n1000\n' > headless.csv
refused "samples without times" plain.yaml --cluster "$cluster" --samples headless.csv
printf 'seconds,exit_code\n1,2\n1,127\n1,2\n' > failed.csv
refused "samples that all failed" plain.yaml --cluster "$cluster" --samples failed.csv
says stderr "failed.csv: no item succeeded (exit codes: 2, 127)"
printf 'amorsize: 1\npartitions: [{name: p, nodes: [{class: x, count: 0}]}]\n' > bad-cluster.yaml
refused "bad profile" plain.yaml --cluster bad-cluster.yaml
says stderr "bad-cluster.yaml:2"
refused "no such profile" plain.yaml --cluster nowhere-cluster.yaml
says stderr nowhere-cluster.yaml
job no-list 'items: {file: nowhere.txt}'
refused "no list of items" no-list.yaml --cluster "$cluster"
says stderr nowhere.txt
job no-match 'items: {glob: "nowhere/*.txt"}'
refused "a pattern that matches nothing" no-match.yaml --cluster "$cluster"

job large 'profile: {seconds: 2, peak_memory: 900GiB}'
for format in text json; do
    run 4 "infeasible as $format" large.yaml --cluster "$cluster" --output out --format $format
    says stdout infeasible
    nothing_in out "infeasible"
done
run 4 "no such partition" plain.yaml --cluster "$cluster" --partition gpu --output out
says stdout "known: main"
nothing_in out "no such partition"
finish
