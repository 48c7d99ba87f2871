#!/bin/bash
# A folder's name with a line break must not become a directive; samples of 0 s must not cost infinitely much.
set -u
advise=$1/amorsize-advise
work=$(mktemp -d) && trap 'rm -rf "$work"' EXIT
folder=$work/$'a\n#SBATCH --uid=0'
mkdir "$folder" && cd "$folder" || exit 1
cat > j.yaml <<'EOF'
amorsize: 1
name: j
kind: tasks
command: [/bin/true, "{item}"]
items: {range: [0, 1000]}
EOF
cat > c.yaml <<'EOF'
amorsize: 1
slurm_version: 22.05.8
partitions: [{name: main, nodes: [{class: a, count: 2}]}]
node_classes: [{name: a, topology: "core:4 pu:1", memory: 8GiB}]
EOF
printf 'seconds\n0\n0\n0\n' > s.csv
"$advise" j.yaml --cluster c.yaml --samples s.csv > /dev/null 2> "$work/said"
[ $? -eq 3 ] && grep -q 'rename the folder' "$work/said" && [ ! -e j.sbatch ] && [ ! -e j.plan.yaml ] ||
    { echo "a line break in the folder's name is not refused"; cat "$work/said"; exit 1; }
cp ./*.yaml s.csv "$work" && cd "$work" || exit 1
text=$("$advise" j.yaml --cluster c.yaml --samples s.csv) || exit 1
case $text in *"inf core hours"*|*nan*) echo "$text"; exit 1;; esac
