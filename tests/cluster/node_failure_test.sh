#!/usr/bin/env bash
# A node that dies takes its own work with it, not the cluster, and comes back.
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

idle_nodes() { sinfo -h -N -p main -t idle -o %N | sort -u | paste -sd' '; }

eventually() {
    local tries wanted=$1
    for ((tries = 0; tries < 600; tries++)); do
        if [[ $(idle_nodes) == "$wanted" ]]; then return; fi
        sleep 0.2
    done
    fail "wanted '$wanted' idle, found '$(idle_nodes)'"
}

trap '"$here/cluster.sh" node-up n4; rm -rf "$work"' EXIT
"$here/cluster.sh" node-down n4
expect "the other nodes go on" "n1 n2 n3" "$(within 30 srun -N3 -x n4 hostname | sort | paste -sd' ')"
scontrol update nodename=n4 state=down reason="cut off by a test"
eventually "n1 n2 n3"
echo "ok: the dead node takes no jobs"
"$here/cluster.sh" node-up n4
# It takes jobs again once its slurmd has registered (ReturnToService=2), not before.
eventually "n1 n2 n3 n4"
expect "it runs jobs again" n4 "$(within 30 srun -w n4 hostname)"
