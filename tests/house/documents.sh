#!/usr/bin/env bash
# What the documents say exists does exist, and continuous integration runs what README.md promises.
#   documents.sh ROOT PROGRAMS [--update]   (--update writes docs/cli anew)
set -euo pipefail
programs=$(realpath "$2")
cd "$1"
update=${3:-}
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
    name=${program##*/}
    help=docs/cli/$name.txt
    [[ $update ]] && "$program" --help > "$help"
    [[ -e $help ]] || { fault "$help is missing; to write it: $0 ROOT PROGRAMS --update"; continue; }
    "$program" --help | diff -u "$help" - || fault "$help differs from $name --help"
done
for help in docs/cli/*.txt; do
    [[ -x $programs/$(basename "$help" .txt) ]] || fault "$help: no such program in $programs"
done

exit $failed
