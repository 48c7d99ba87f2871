#!/usr/bin/env bash
# sbatch --test-only judges requests for machines that are not there, and refuses what does not fit.
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

printf '#!/bin/bash\nhostname\n' >job.sh
judge() { within 30 sbatch --test-only "$@" job.sh 2>&1; }

accepts() {
    local wanted=$1 said
    shift
    said=$(judge "$@") || fail "sbatch --test-only $*: $said"
    expect_match "$*" "using $wanted processors" "$said"
}

refuses() {
    local words=$1 said
    shift
    said=$(judge "$@") && fail "sbatch --test-only $* was accepted: $said"
    expect_match "refused: $*" "$words" "$said"
}

accepts 1 -p shapes -C s1c1t1
accepts 16 -p shapes -C s1c4t2 -N2 --ntasks-per-node=1 --cpus-per-task=8
accepts 512 -p shapes -C s2c64t2 -N4 --ntasks-per-node=8 --cpus-per-task=16
accepts 512 -p shapes -C s16c16t1 -N2 --ntasks-per-node=16 --cpus-per-task=16 --mem=900G
accepts 160 -p shapes -C s2c20t4 -N1 --ntasks-per-node=40 --cpus-per-task=4
accepts 512 -p shapes -C s2c128t2 -N1 --ntasks-per-node=16 --cpus-per-task=32
accepts 96 -p shapes -C s2c48t1 -N1 --exclusive --ntasks-per-node=2 --cpus-per-task=48 --mem=573440M
accepts 8 -p shapes -C s2c32t1 -N2 --ntasks-per-node=4 --gpus-per-node=4
refuses "configuration is not available" -p shapes -C s2c64t2 -N5
refuses "." -p shapes -C s2c48t1 --mem=800G
refuses "time limit" -p short --time=00:20:00
refuses "[Nn]ode count" -p short -N3
refuses "[Mm]emory" -p short --mem=2000M
refuses "partition" -p nowhere
refuses "feature" -C nothing
