#!/usr/bin/env bash
# The shipped examples, as a user runs them: advice, script, job, output; the accounting agrees with the request and
# the memory used stays below it. A job that the site's defaults would kill ends well under the advice's request.
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"
export XDG_CACHE_HOME=$work/cache
checkout=$(cd "$here/../.." && pwd)

figure() { python3 -c 'import json, sys; a = json.load(open(sys.argv[1])); print(eval(sys.argv[2], {"a": a}))' "$1" "$2"; }

# Largest memory that the accounting saw a node's tasks hold, in MiB.
most_memory() { sacct -nP -j "$1" -o MaxRSS | sed 's/K$//' | sort -n | tail -n 1 | awk '{ print int($1 / 1024) }'; }

# What an example asks of its user: compress wants a folder that the nodes share.
export TMPDIR=$work/tmp
mkdir "$TMPDIR"

# Four nodes on one small machine share its cores: so there is less to do here, of the same kind.
fewer_items() {
    case $1 in
        monte-carlo) echo 's/\[0, 10000\]/[0, 60]/' ;;
        waiting) echo 's/\[0, 1000\]/[0, 300]/' ;;
        memory-hungry) echo 's/\[0, 100\]/[0, 12]/' ;;
        uneven) echo 's/\[0, 200\]/[0, 100]/' ;;
        compress) echo 's,/lib\*\.so,/lib[xz]*.so,' ;;
    esac
}

# The lines that the items print, however they are ordered; compress writes files instead.
expect_output() {
    local name=$1 items=$2 printed
    if [[ $name == compress ]]; then
        gzip --test "$TMPDIR"/amorsize-compress-*/*.gz || fail "compress: a file is damaged"
        printed=$(find "$TMPDIR" -name '*.gz' | wc -l)
    else
        printed=$("$bin/amorsize-run" "$name.plan.yaml" --print stdout | wc -l)
    fi
    expect "$name: every item's output is there" "$items" "$printed"
}

examples=(tiny waiting monte-carlo uneven memory-hungry compress)
for name in "${examples[@]}"; do
    cp -r "$checkout/configs/examples/$name" "$name"
    sed -i "s,\.\./\.\./\.\./build/release/bin,$bin,; $(fewer_items "$name")" "$name/job.yaml"
    (
        cd "$name"
        within 120 "$bin/amorsize-advise" job.yaml --submit --format json >advice.json 2>advice.err || fail "$name: $(<advice.err)"
    )
done
for name in "${examples[@]}"; do
    (
        cd "$name"
        job=$(grep -o 'submitted as job [0-9]*' advice.err | cut -d' ' -f4)
        expect "$name: ends well" COMPLETED "$(accounted "$job" State | head -n 1)"
        items=$(figure advice.json 'int(a["basis"][0]["value"].replace(",", ""))')
        expect "$name: every item is done" "$items" "$(grep -c . <"$name.joblog" | awk '{ print $1 - 1 }')"
        expect_output "$name" "$items"
        IFS='|' read -r nodes cpus memory minutes < <(sacct -nPX -j "$job" -o NNodes,AllocCPUS,ReqMem,TimelimitRaw)
        expect "$name: nodes, CPUs and time as asked for" \
            "$(figure advice.json '"%d %d %d" % (a["request"]["nodes"], a["request"]["ntasks"] * a["request"]["cpus_per_task"], a["request"]["time_limit_seconds"] // 60)')" \
            "$nodes $cpus $minutes"
        asked=$(figure advice.json 'a["request"]["mem_mib_per_node"]')
        expect_match "$name: memory as asked for" "^($asked|$((asked * nodes)))M" "$memory"
        used=$(most_memory "$job")
        ((used <= asked)) || fail "$name: $used MiB used of $asked"
        echo "ok: $name: memory stays under the request ($used of $asked MiB)"
    )
done

# 450 MiB an item, where the partition grants 400 a CPU to who does not ask.
cat >hungry.yaml <<END
amorsize: 1
name: hungry
command: [perl, -e, '\$x = "a" x (450 << 20); sleep 1']
items: {range: [0, 4]}
sample: {size: 2}
limits: {partition: short}
END
printf '#!/bin/bash\nsrun perl -e '"'"'$x = "a" x (450 << 20); sleep 1'"'"'\n' >naive.sh
naive=$(within 30 sbatch --parsable -p short -o naive.out naive.sh)
within 120 "$bin/amorsize-advise" hungry.yaml --submit --format json >hungry.json 2>hungry.err || fail "hungry: $(<hungry.err)"
job=$(grep -o 'submitted as job [0-9]*' hungry.err | cut -d' ' -f4)
expect_match "the naive request is killed" 'OUT_OF_MEMORY' "$(accounted "$naive" State | paste -sd' ')"
expect "the advised request ends well" COMPLETED "$(accounted "$job" State | head -n 1)"
expect "and every item is done" 4 "$(grep -c . <hungry.joblog | awk '{ print $1 - 1 }')"
