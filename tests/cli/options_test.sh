#!/usr/bin/env bash
# Every option is accepted and means what it says, and beats the manifest's key.
# shellcheck source=tests/cli/support.sh
source "$(dirname "${BASH_SOURCE[0]}")/support.sh" "$@"

# field EXPRESSION: of the JSON advice in stdout, called a
field() { python3 -c 'import json, sys
a = json.load(open("stdout"))
print(eval(sys.argv[1]))' "$1"; }
holds() { [[ $(field "$2") == True ]] || fail "$1: $2 does not hold"; }
advice() {
    local what=$1
    shift
    run 0 "$what" rich.yaml --cluster "$cluster" --dry-run --format json "$@"
}

job rich 'limits: {nodes: 2, time: 2h, partition: main}' 'goal: time' 'risk: 0.05' 'headroom: 0.2' 'launcher: srun' \
    'profile: {seconds: 4, peak_memory: 3GiB}'
advice "the manifest alone"
holds "the manifest" 'a["layout"]["nodes"] == 2'
cp stdout manifest.json
advice "--nodes" --nodes 1
holds "--nodes" 'a["layout"]["nodes"] == 1'
advice "--nodes above the manifest's" --nodes 4
holds "--nodes above" 'a["layout"]["nodes"] == 4'
advice "--time" --time 1min
holds "--time" 'a["request"]["time_limit_seconds"] == 60'
holds "--time" 'any(r["code"] == "split_into_pieces" for r in a["reasons"])'
advice "--headroom" --headroom 0.6
holds "--headroom" 'a["layout"]["workers"] <= 2 * int(256 * 0.4 / 3)'
advice "--risk" --risk 0.001
holds "--risk" 'any(r["code"] == "time_limit_from_prediction" and abs(r["risk"] - 0.001) < 1e-9 for r in a["reasons"])'
advice "--goal cost" --goal cost
holds "--goal" 'a["predicted"]["core_hours"] <= json.load(open("manifest.json"))["predicted"]["core_hours"] * 1.05'
advice "--goal turnaround" --goal turnaround
run 4 "--partition" rich.yaml --cluster "$cluster" --dry-run --partition elsewhere
advice "--launcher" --launcher mpirun
holds "--launcher" 'a["launch"]["mpirun"][0] == "mpirun"'
run 0 "--launcher in the script" rich.yaml --cluster "$cluster" --launcher mpirun --output out
says out/rich.sbatch "exec mpirun "
advice "--no-sample" --no-sample
advice "--seed" --seed 99
printf 'seconds,peak_rss_bytes\n1,1000000\n1.1,1100000\n0.9,900000\n' > samples.csv
advice "--samples" --samples samples.csv
holds "--samples beat the manifest's profile" 'a["predicted"]["serial_seconds"] < 6000'
run 0 "--explain" rich.yaml --cluster "$cluster" --dry-run --explain
says stdout "one by one"
run 0 "--local" rich.yaml --local --dry-run
run 0 "--local --probe" rich.yaml --local --probe --dry-run
says stdout "1 node"
run 0 "--probe with a profile" rich.yaml --cluster "$cluster" --probe --dry-run
says stderr "note: --probe measures nothing"
run 0 "turnaround without Slurm" rich.yaml --cluster "$cluster" --goal turnaround --dry-run
says stderr "note: goal turnaround: no Slurm is asked"

# A machine from an hwloc XML file in the profile.
if command -v lstopo-no-graphics > /dev/null; then
    lstopo-no-graphics --input "pack:1 numa:2 core:4 pu:2" machine.xml
    printf 'amorsize: 1\npartitions: [{name: p, nodes: [{class: x, count: 1}]}]\n' > xml.yaml
    printf 'node_classes: [{name: x, topology_file: machine.xml, memory: 64GiB}]\n' >> xml.yaml
    job small
    run 0 "a topology file" small.yaml --cluster xml.yaml --dry-run
    says stdout "2 NUMA domains, 8 cores"
else
    skip "lstopo-no-graphics (hwloc) writes the topology file"
fi
finish
