#!/usr/bin/env bash
# The scripts of the golden files: sound for bash and shellcheck, and what a manifest holds arrives in them as text.
#   scripts_test.sh ADVISE
# shellcheck disable=SC2016  # what must not expand is written not to
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
advise=$(realpath "${1:?the built amorsize-advise}")
work=$(mktemp -d "${TMPDIR:-/tmp}/amorsize-scripts.XXXXXX")
trap 'rm -rf "$work"' EXIT

fail() {
    echo "FAILED: $*" >&2
    exit 1
}

# --- every script is sound ---

for script in "$here"/*/expected.sbatch; do
    bash -n "$script" || fail "bash -n $script"
    directives=$(grep -c '^#SBATCH ' "$script")
    leading=$(awk 'NR > 1 && !/^#SBATCH / {exit} NR > 1 {n++} END {print n}' "$script")
    [[ $(basename "$(dirname "$script")") == hostile || $directives == "$leading" ]] ||
        fail "$script has a directive below its first command"
done

# --- hostile text arrives as it was written, and nothing of it runs ---

# Programs that note their arguments and environment, one word between NULs.
mkdir "$work/bin" "$work/job" "$work/out"
cat > "$work/bin/record" << 'EOF'
#!/bin/bash
printf '%s\0' "$(basename "$0")" "$@" > "$RECORD/arguments"
env -0 > "$RECORD/environment"
EOF
chmod +x "$work/bin/record"
for name in srun mpirun amorsize-run; do cp "$work/bin/record" "$work/bin/$name"; done
cp "$advise" "$work/bin/amorsize-advise"
cp "$here"/hostile/*.yaml "$work/job/"

run_script() {
    local launcher=$1
    local folder="$work/out/a 'b' \$(touch pwned)"
    rm -rf "$work/out" && mkdir -p "$folder"
    (cd "$work/job" && "$work/bin/amorsize-advise" job.yaml --cluster cluster.yaml --launcher "$launcher" \
        --output "$folder" > /dev/null)
    (cd "$work/job" && PATH="$work/bin:$PATH" RECORD="$work" bash "$folder"/*.sbatch)
}

# The value of a variable as the launched program saw it, with a mark at its end.
seen() { awk -v RS='\0' -v name="$1=" 'index($0, name) == 1 {printf "%s|", substr($0, length(name) + 1)}' \
    "$work/environment"; }

expect() {
    [[ $2 == "$3" ]] || fail "$1: wanted '$2', found '$3'"
}

for launcher in srun mpirun; do
    run_script "$launcher"
    [[ -z $(find "$work" -name 'pwned*') ]] || fail "$launcher: text of the manifest was run"
    mapfile -d '' words < "$work/arguments"
    expect "$launcher: the program" "$launcher" "${words[0]}"
    expect "$launcher: what it starts" "$work/bin/amorsize-run" "${words[-2]}"
    expect "$launcher: the plan's path" "$work/out/a 'b' \$(touch pwned)/hostile--wrap-x.plan.yaml" "${words[-1]}"
    expect "$launcher: A" $'$(touch pwned)\n#SBATCH --uid=0\n|' "$(seen A)"
    expect "$launcher: B" "'; touch pwned; '|" "$(seen B)"
    expect "$launcher: C" '\"`touch pwned`!*?~{a,b}|' "$(seen C)"
    expect "$launcher: D" '|' "$(seen D)"
    expect "$launcher: EMPTY_NOT" ' |' "$(seen EMPTY_NOT)"
    expect "$launcher: FROM_PRELUDE" 'x y|' "$(seen FROM_PRELUDE)"
    expect "$launcher: the prelude ran" $'prelude $(touch pwned)\n#SBATCH --uid=0' "$(cat "$work/job/prelude.txt")"
done

# --- names of a cluster profile cannot leave their comment, or are refused where a directive needs them ---

cat > "$work/job/plain.yaml" << 'EOF'
amorsize: 1
name: plain
command: [./work, "{item}"]
items: {range: [0, 5000]}
profile: {seconds: 20, peak_memory: 1GiB}
EOF
profile() {
    cat << EOF
amorsize: 1
slurm_version: 22.05.8
partitions:
  - {name: "$1", default: true, nodes: [{class: "$3", count: 2}, {class: b, count: 2}]}
node_classes:
  - {name: "$3", features: ["$2"], topology: "core:16 pu:1", memory: 64GiB}
  - {name: b, topology: "core:2 pu:1", memory: 8GiB}
EOF
}
for names in '"main\n#SBATCH --uid=0" fast a' 'main "fast\n#SBATCH --uid=0" a' \
    'main fast "a\ntouch pwned\n#SBATCH --uid=0"'; do
    eval "words=($names)"
    profile "${words[@]}" > "$work/job/names.yaml"
    rm -f "$work/out/plain.sbatch"
    status=0
    (cd "$work/job" && "$work/bin/amorsize-advise" plain.yaml --cluster names.yaml --output "$work/out") \
        > "$work/text" 2> "$work/errors" || status=$?
    expect "exit code for $names" 3 "$status"
    [[ ! -e $work/out/plain.sbatch ]] || fail "$names: a script was written"
done

if ! command -v shellcheck > /dev/null; then
    echo "SKIPPED: shellcheck is not installed; all else held"
    exit 77
fi
shellcheck --severity=warning "$here"/*/expected.sbatch
echo "all held"
