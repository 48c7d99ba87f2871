#!/usr/bin/env bash
# What is written, and what is not: dry runs, folders that refuse, full disks, closed streams.
# shellcheck source=tests/cli/support.sh
source "$(dirname "${BASH_SOURCE[0]}")/support.sh" "$@"

job plain
common=(plain.yaml --cluster "$cluster")

run 0 "a dry run" "${common[@]}" --output out --dry-run
nothing_in out "a dry run"
run 0 "an advice" "${common[@]}" --output out
[[ $(find out -type f -printf '%f\n' | sort | xargs) == "plain.plan.yaml plain.sbatch" ]] || fail "wrote $(ls -A out)"
[[ -x out/plain.sbatch ]] || fail "the script cannot be executed"
plain stdout stderr
silent stderr "an advice"

cp -r out first
for format in text json; do
    run 0 "the first of two" "${common[@]}" --output out --format $format --seed 7
    cp stdout first.$format
    cp -r out "first.$format.out"
    run 0 "the second of two" "${common[@]}" --output out --format $format --seed 7
    cmp -s stdout first.$format || fail "$format: the same inputs and seed gave other bytes"
    diff -r out "first.$format.out" || fail "$format: the same inputs and seed gave other files"
done
python3 -c 'import json, sys; json.load(open(sys.argv[1]))' first.json || fail "the JSON is none"

run 5 "no such folder" "${common[@]}" --output nowhere
says stderr nowhere
says stderr "mkdir -p $PWD/nowhere"
[[ ! -e nowhere ]] || fail "a folder appeared"
run 5 "a file for a folder" "${common[@]}" --output plain.yaml

mkdir locked
chmod 555 locked
as_user=()
if ((EUID == 0)); then as_user=(setpriv --reuid=65534 --regid=65534 --clear-groups); fi
# Another user may be kept from the folders of this build.
cp "$advise" "$cluster" .
status=0
"${as_user[@]}" "./${advise##*/}" plain.yaml --cluster "${cluster##*/}" --output locked > stdout 2> stderr || status=$?
[[ $status == 5 ]] || fail "a read-only folder: exit code $status"
says stderr locked
nothing_in locked "a read-only folder"

for stream in full closed; do
    status=0
    if [[ $stream == full ]]; then
        "$advise" "${common[@]}" --dry-run > /dev/full 2> stderr || status=$?
    else
        "$advise" "${common[@]}" --dry-run >&- 2> stderr || status=$?
    fi
    [[ $status == 5 ]] || fail "standard output $stream: exit code $status"
    says stderr "standard output"
done
# A reader that leaves early, as head does, must not hang it.
timeout 20 "$advise" "${common[@]}" --dry-run --explain 2> /dev/null | head -1 > stdout
says stdout plain

# A limit on the size of files, and a name that is taken: none of the files is made.
mkdir limited taken taken/plain.sbatch
status=0
(ulimit -f 1 && exec "$advise" "${common[@]}" --output limited) > stdout 2> stderr || status=$?
[[ $status == 5 ]] || fail "a limit on file sizes: exit code $status"
says stderr limited/
nothing_in limited "a limit on file sizes"
run 5 "a folder of the script's name" "${common[@]}" --output taken
says stderr "not a regular file"
[[ $(ls -A taken) == plain.sbatch ]] || fail "a folder of the script's name: left $(ls -A taken)"

# A disk with room for the old files and not for new ones.
mkdir small
if ((EUID == 0)) && mount -t tmpfs -o size=48k,nr_inodes=16 none small 2> /dev/null; then
    at_end+=("umount $folder/small")
    echo old > small/plain.sbatch
    echo old > small/plain.plan.yaml
    dd if=/dev/zero of=small/fill bs=1k count=1000 status=none 2> /dev/null
    before=$(ls -A small)
    run 5 "a full disk" "${common[@]}" --output small
    says stderr small/
    [[ $(cat small/plain.sbatch small/plain.plan.yaml) == $'old\nold' ]] || fail "a full disk: old files changed"
    [[ $(ls -A small) == "$before" ]] || fail "a full disk: left $(ls -A small)"
    # Room for the plan and none for the script: the pair must not be half new.
    truncate -s -8k small/fill
    run 5 "a disk that fills up" "${common[@]}" --output small
    [[ $(cat small/plain.sbatch small/plain.plan.yaml) == $'old\nold' ]] ||
        fail "a disk that fills up: old files changed"
    [[ $(find small -type f | wc -l) == 3 ]] || fail "a disk that fills up: left $(ls -A small)"
else
    skip "a small disk to fill needs root and mount"
fi
finish
