#!/usr/bin/env bash
# Jobs through Prolog, TaskProlog, Epilog and cli_filter on a Slurm cluster of four nodes that is made for it and removed:
# none lost, no node drained, how long prolog and epilog took.   jobs.sh [JOBS]   200 if not given; as root
set -euo pipefail
tests=$(cd "$(dirname "${BASH_SOURCE[0]}")/../../cluster" && pwd)
export AMORSIZE_CLUSTER_DIR=${AMORSIZE_CLUSTER_DIR:-/var/tmp/amorsize-bench-hooks}
trap '"$tests/cluster.sh" down >/dev/null' EXIT
"$tests/cluster.sh" up >/dev/null
HOOKS_JOBS=${1:-200} "$tests/hooks_test.sh"
