#!/usr/bin/env bash
# On a machine of several NUMA domains: ranks and workers sit where the advice says, by mpirun's generated arguments and
# without a launcher, each worker on cores of its own inside one domain and preferring its memory.
#   numa_test.sh BIN
set -euo pipefail
bin=$1
here=$(dirname "$(realpath "$0")")
check=$here/numa_check.py
export AMORSIZE_HISTORY='' OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
"$check" domains || exit $?

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
cp "$here/numa.yaml" .
export XDG_CACHE_HOME=$work/cache PATH=$bin:$PATH
timeout 60 amorsize-advise numa.yaml --local --format json >numa.json
for how in mpirun alone; do
    launch=(amorsize-run numa.plan.yaml)
    [[ $how == alone ]] || mapfile -t launch < <("$check" launch numa.json)
    timeout 150 "${launch[@]}" --fresh >"$how.out" 2>"$how.err" || { cat "$how.out" "$how.err"; exit 1; }
    timeout 60 amorsize-run numa.plan.yaml --print stdout >"$how.placed"
    "$check" "$how" numa.json "$how.placed" "$how.err"
done
