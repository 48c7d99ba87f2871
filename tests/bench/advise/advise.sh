#!/usr/bin/env bash
# The whole process of amorsize-advise --local --samples FILE --dry-run: wall time, CPU time and peak
# memory of 50 runs. On a machine with other work, CPU time and the best wall time say more than the median.
# Targets: a median under 30 ms, under 30 MB.
#   advise.sh ADVISE [RUNS]
set -euo pipefail
advise=$(realpath "${1:?the built amorsize-advise}")
folder=$(mktemp -d "${TMPDIR:-/tmp}/amorsize-bench.XXXXXX")
trap 'rm -rf "$folder"' EXIT
cd "$folder"
cat > job.yaml << 'EOF'
amorsize: 1
name: bench
command: [./simulate, "{item}"]
items: {range: [0, 10000]}
EOF
{
    echo seconds,peak_rss_bytes
    for i in {1..20}; do echo "0.4$i,50${i}00000"; done
} > samples.csv
python3 - "${2:-50}" "$advise" job.yaml --local --samples samples.csv --dry-run << 'EOF'
import os, statistics, sys, time

runs, command = int(sys.argv[1]), sys.argv[2:]
wall, cpu, peak = [], [], 0
for run in range(runs + 1):
    start = time.perf_counter()
    nowhere = [(os.POSIX_SPAWN_OPEN, 1, "/dev/null", os.O_WRONLY, 0)]
    pid = os.posix_spawn(command[0], command, os.environ, file_actions=nowhere)
    _, status, usage = os.wait4(pid, 0)
    if status:
        sys.exit(f"exit code {os.waitstatus_to_exitcode(status)}")
    if run:  # the first warms the page cache
        wall.append(time.perf_counter() - start)
        cpu.append(usage.ru_utime + usage.ru_stime)
        peak = max(peak, usage.ru_maxrss)
wall.sort()
print(f"wall: median {statistics.median(wall) * 1e3:.1f} ms, best {wall[0] * 1e3:.1f} ms, worst {wall[-1] * 1e3:.1f} ms;"
      f" CPU: median {statistics.median(cpu) * 1e3:.1f} ms; peak memory {peak / 1024:.1f} MiB; {runs} runs")
EOF
