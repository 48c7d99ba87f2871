#!/usr/bin/env bash
# Standard streams that were closed before the start: no abort, no text in files, a lost answer is told.
#   closed_streams.sh ADVISE
set -u
advise=$1
cluster=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)/configs/clusters/mini.yaml
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
printf 'amorsize: 1\nname: j\ncommand: [echo, "{item}"]\nitems: {range: [0, 5]}\nprofile: {seconds: 1}\n' > j.yaml

expect() {
    [ "$2" -eq "$3" ] || { echo "$1: exit code $3 instead of $2"; exit 1; }
}
"$advise" --local --dry-run j.yaml 2>&- > said
expect "standard error closed" 0 $?
"$advise" --local missing.yaml 2>&- > said
expect "standard error closed, bad input" 3 $?
"$advise" --local --dry-run j.yaml >&- 2> said
expect "standard output closed" 5 $?
"$advise" --local --dry-run j.yaml <&- > said
expect "standard input closed" 0 $?
for wrong in missing.yaml --nonsense "j.yaml --cluster missing.yaml"; do
    # shellcheck disable=SC2086  # several words
    "$advise" $wrong 2> /dev/full > said
    status=$?
    [ $status -eq 3 ] || [ $status -eq 2 ] || { echo "standard error full, $wrong: exit code $status"; exit 1; }
done
"$advise" --cluster "$cluster" --goal turnaround --dry-run j.yaml 2> /dev/full > said
expect "a note that nobody can read" 0 $?
grep -q '^j: 5 items' said || { echo "no advice with standard input closed"; exit 1; }
echo "all held"
