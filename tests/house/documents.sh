#!/usr/bin/env bash
# What the documents say exists does exist, and continuous integration runs what README.md promises.
#   documents.sh ROOT PROGRAMS
set -euo pipefail
cd "$1"
programs=$2
failed=0
fault() {
    echo "$1"
    failed=1
}

for command in "bash setup.sh advise" "bash setup.sh test"; do
    sed -n 1,40p README.md | grep -qF "$command" || fault "README.md: no \"$command\" on its first screen"
done
grep -qxF 'exec bash setup.sh test' .ci/run || fault ".ci/run: does not run README.md's test command"

while IFS=: read -r document link; do
    target=$(dirname "$document")/${link%%#*}
    [[ -e $target ]] || fault "$document: $link does not exist"
done < <(grep -oP '\]\(\K(?!https?:|#)[^)]+' README.md docs/*.md --with-filename)

# docs/cli holds the help of every program, word for word.
shopt -s nullglob
for program in "$programs"/amorsize-*; do
    help=docs/cli/${program##*/}.txt
    [[ -e $help ]] || { fault "$help is missing: ${program##*/} --help > $help"; continue; }
    COLUMNS=100 "$program" --help | diff -u "$help" - || fault "$help differs from --help"
done
for help in docs/cli/*.txt; do
    [[ -x $programs/$(basename "$help" .txt) ]] || fault "$help: no such program in $programs"
done

exit $failed
