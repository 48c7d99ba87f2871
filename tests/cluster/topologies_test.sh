#!/usr/bin/env bash
# Slurm takes the scripts for every topology that mpi.mapping shows to mpirun, on nodes of that shape.
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"
"$here/topologies_test.py" "$bin" "$here/../data/measure/topologies" "$work"
