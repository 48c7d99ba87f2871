#!/usr/bin/env bash
# amorsize-run beside bare loops, xargs and GNU parallel: everything in one run, in turns, medians and ratios.
#   bench.sh [ROUNDS] [SECTION...]     AMORSIZE_BIN: folder of the programs (a release build)
# Sections: exec batch stream large ten uneven counter. Run it on a machine that does nothing else. Every run is a first
# one, as those of the others are. Ratios are of neighbours: the median over the rounds of each round's own ratio, which a
# minute in which the whole machine is slower moves less than a ratio of medians.
. "$(dirname "$0")/../../run/support.sh"

rounds=${1:-5}
shift
sections=${*:-exec batch stream large ten uneven counter}
width=$(nproc)
worker=$AMORSIZE_BIN/stream_worker

wants() { [[ " $sections " == *" $1 "* ]]; }

seconds_of() {
    local begin end
    begin=$(date +%s.%N)
    "$@" >/dev/null 2>>log || echo "failed: $*" >&2
    end=$(date +%s.%N)
    echo "$begin $end" | awk '{printf "%.4f\n", $2 - $1}'
}

note() { echo "$2" >>"figures.$1"; }
median() { sort -g "figures.$1" | awk '{v[NR] = $1} END {print (NR % 2) ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2}'; }
spread() { sort -g "figures.$1" | awk '{v[NR] = $1} END {printf "%s to %s", v[1], v[NR]}'; }
row() { printf '  %-44s %10.3f s   (%s)\n' "$2" "$(median "$1")" "$(spread "$1")"; }
# ratio A B: A over B, with its spread
ratio() {
    paste "figures.$1" "figures.$2" | awk '{print $1 / $2}' >figures.ratio
    printf '%.3f (%.2f to %.2f)' "$(median ratio)" "$(sort -g figures.ratio | head -1)" "$(sort -g figures.ratio | tail -1)"
}
run_plan() { amorsize-run "$1.plan.yaml" --workers "${2:-$width}"; }
# forget NAME: what the last run left; a first run is another thing than a fresh start over an old one
forget() { rm -rf "$1.run" "$1.joblog"; }

# shares NAME: "wall_seconds item_seconds longest" of the last report
reported() {
    grep -o '"wall_seconds": [0-9.e+-]*\|"item_seconds": [0-9.e+-]*\|"longest_item_seconds": [0-9.e+-]*' "$1.run/report.json" |
        head -3 | awk '{print $2}' | tr '\n' ' '
}

echo "machine: $(awk -F': ' '/model name/ {print $2; exit}' /proc/cpuinfo), $width hardware threads, Linux $(uname -r), load $(cut -d' ' -f1-3 /proc/loadavg)"
echo "tools: $(xargs --version | head -1), $(parallel --version 2>/dev/null | head -1 || echo 'no GNU parallel'); $rounds rounds, median (least to most)"

if wants exec; then
    n=20000
    job true exec "{range: [0, $n]}" '[/bin/true]'
    plan true 1 "$width" 500 factoring
    for _ in $(seq "$rounds"); do
        note spawn "$(seconds_of spawn_loop $n "$width" /bin/true)"
        forget true
        note ours "$(seconds_of run_plan true)"
        note xargs "$(seconds_of sh -c "seq $n | xargs -P $width -n 1 /bin/true")"
    done
    if command -v parallel >/dev/null; then
        for _ in $(seq $(((rounds + 2) / 3))); do
            note parallel "$(seconds_of sh -c "seq $((n / 10)) | parallel -j $width /bin/true" | awk '{print $1 * 10}')"
        done
    fi
    echo "exec: /bin/true x $n, $width at a time"
    row spawn "bare posix_spawn and wait"
    row ours "amorsize-run"
    row xargs "xargs -P"
    [ -e figures.parallel ] && row parallel "GNU parallel (a tenth of the items, times 10)"
    echo "  amorsize-run over bare $(ratio ours spawn), at most 1.15"
    echo "  xargs over amorsize-run $(ratio xargs ours), more than 1"
    [ -e figures.parallel ] && echo "  GNU parallel over amorsize-run $(awk -v a="$(median parallel)" -v b="$(median ours)" 'BEGIN {printf "%.1f", a / b}'), at least 5"
fi

if wants batch; then
    n=200000
    job many batch "{range: [0, $n]}" '[/bin/true, "{items}"]'
    for group in 50 200 1000; do
        plan many 1 "$width" $group fixed
        for _ in $(seq "$rounds"); do
            forget many
            note batch$group "$(seconds_of run_plan many)"
            note xargs$group "$(seconds_of sh -c "seq $n | xargs -P $width -n $group /bin/true")"
        done
        echo "batch: $n items, $group a process, $width at a time"
        row batch$group "amorsize-run"
        row xargs$group "xargs -P -n $group"
        echo "  xargs over amorsize-run $(ratio xargs$group batch$group), more than 1"
    done
fi

if wants stream; then
    n=1000000
    job echo stream "{range: [0, $n]}" "[$worker]"
    plan echo 1 1 100000 factoring
    for _ in $(seq "$rounds"); do
        forget echo
        run_plan echo 1 >/dev/null 2>>log
        note stream "$(reported echo | awk '{print $1}')"
    done
    echo "stream: $n trivial items, one worker, one rank"
    row stream "amorsize-run"
    echo "  $(awk -v s="$(median stream)" -v n=$n 'BEGIN {printf "%.0f", n / s}') items a second (at least 200,000)"
fi

if wants large; then
    seq -f '/scratch/project/inputs/sample-%08.0f.dat' 1000000 >large-list
    job large stream '{file: large-list}' "[$worker]"
    plan large 1 "$width" 100000 factoring
    for _ in $(seq "$rounds"); do
        forget large
        run_plan large >/dev/null 2>>log
        grep -m1 -o '"own_peak_rss_bytes": [0-9]*' large.run/report.json | awk '{print $2 / 1048576}' >>figures.rss
        grep -m1 -o '"start": [0-9.e-]*' large.run/report.json | awk -v w="$(reported large | awk '{print $1}')" '{print $2 * w}' >>figures.begin
    done
    echo "1,000,000 items from a file, $width workers"
    echo "  memory of the rank $(median rss) MiB (under 50), first item after $(median begin) s (under 1)"
fi

# bare_workers WORK N: as many workers as there are, each reading its share of N items of 10 ms from a file: what the
# workers themselves, and whatever else runs on the machine, leave to be had.
bare_workers() {
    local each=$(($2 / width)) pids=() pid
    for _ in $(seq "$width"); do
        head -n $each ten-list | stream_worker "$1" >/dev/null &
        pids+=($!)
    done
    for pid in "${pids[@]}"; do wait "$pid"; done
}

if wants ten; then
    n=$((width * 200))
    seq 0 $((n - 1)) | sed 's/$/ 10/' >ten-list
    job ten stream '{file: ten-list}' "[$worker, sleep]"
    job tenspin stream '{file: ten-list}' "[$worker, spin]"
    job tenexec exec "{range: [0, $n]}" '[sleep, "0.01"]'
    for name in ten tenspin tenexec; do plan $name 1 "$width" 50 factoring; done
    # Many short rounds: a virtual machine that loses its cores for 0.2 s then spoils a few of them, not the median.
    for _ in $(seq $((3 * rounds))); do
        for name in ten tenspin; do
            forget $name
            run_plan $name >/dev/null 2>>log
            # Against 10 ms an item, not against what the worker took: answers that wait to be read must count.
            note $name "$(reported $name | awk -v n=$n -v w="$width" '{printf "%.4f", n * 0.01 / w / $1}')"
            note $name-wall "$(reported $name | awk '{print $1}')"
            note $name-bare "$(seconds_of bare_workers "$([ $name = ten ] && echo sleep || echo spin)" $n)"
        done
        note bare10 "$(seconds_of spawn_loop $n "$width" /usr/bin/sleep 0.01)"
        forget tenexec
        run_plan tenexec >/dev/null 2>>log
        note exec10 "$(reported tenexec | awk '{print $1}')"
    done
    echo "items of 10 ms, $n of them, $width at a time"
    echo "  stream, of ideal: sleeping $(median ten) ($(spread ten)), spinning $(median tenspin) ($(spread tenspin)), at least 0.97"
    echo "  bare workers that read their items from a file over amorsize-run: sleeping $(ratio ten-bare ten-wall)," \
        "spinning $(ratio tenspin-bare tenspin-wall)"
    echo "  exec, bare spawn loop over amorsize-run: $(ratio bare10 exec10), at least 0.97"
fi

if wants uneven; then
    echo "uneven items of 20 ms on average, N/P = 100, sleeping, stream: lower bound over wall (at least 0.95)"
    for shape in cv1 cv2 rising; do
        n=$((width * 100))
        awk -v n=$n -v shape=$shape 'BEGIN {
            srand(7); pi = atan2(0, -1)
            for (i = 0; i < n; i++) {
                z = sqrt(-2 * log(1 - rand())) * cos(2 * pi * rand())
                s2 = log(1 + (shape == "cv2" ? 4 : 1))
                ms = shape == "rising" ? 40 * (i + 0.5) / n : 20 * exp(z * sqrt(s2) - s2 / 2)
                printf "%d %.3f\n", i, ms
            }}' >uneven-$shape
        bound=$(awk -v w="$width" '{sum += $2; if ($2 > most) most = $2} END {b = sum / w; print (most > b ? most : b) / 1000}' uneven-$shape)
        job uneven-$shape stream "{file: uneven-$shape}" "[$worker, sleep]"
        plan uneven-$shape 1 "$width" 20 factoring
        for _ in $(seq "$rounds"); do
            forget uneven-$shape
            run_plan uneven-$shape >/dev/null 2>>log
            note uneven-$shape "$(reported uneven-$shape | awk -v b="$bound" '{printf "%.4f", b / $1}')"
        done
        echo "  $shape: $(median uneven-$shape) ($(spread uneven-$shape)), bound $bound s"
    done
fi

if wants counter; then
    for ranks in 2 4; do
        echo "chunks drawn by $ranks ranks of one node, $rounds rounds"
        mpirun --oversubscribe -np $ranks counter_bench 500000 "$rounds" 2>>log | sed 's/^/  /'
    done
fi
