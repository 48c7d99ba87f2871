#!/usr/bin/env bash
# A real Slurm cluster on this machine: see `cluster.sh help`.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
checkout=$(cd "$here/../.." && pwd)
cluster_dir=${AMORSIZE_CLUSTER_DIR:-/var/tmp/amorsize-cluster}
patience=${AMORSIZE_CLUSTER_PATIENCE:-120} # seconds that a part of the cluster may take to start

# shellcheck source=config.sh
. "$here/config.sh"
# shellcheck source=host.sh
. "$here/host.sh"

usage() {
    cat <<END
usage: tests/cluster/cluster.sh COMMAND

  up [SETUP]       start the cluster: controller, accounting, four nodes; if it is up, the nodes that are down
                   SETUP standard (control groups hold jobs to what they asked for),
                   plain (affinity and a watch do; n1 and n2 have two sockets; two switches) or
                   own (one node, n1, with this machine's sockets, cores and memory)
  down             stop it and remove everything it made
  status           is it up? (exit code 0 if so), and what sinfo says
  env              shell lines that make sinfo, sbatch and this checkout's programs work in your shell
  exec NODE CMD... run a command on login, n1, n2, n3 or n4
  node-down NODE   cut the power of a node: everything on it dies at once
  node-up NODE     start it again

It lives in \${AMORSIZE_CLUSTER_DIR:-/var/tmp/amorsize-cluster}, now $cluster_dir, in namespaces of its own.
Exit code 77: this machine cannot run it; the reason is printed.
END
}

how_to_use() {
    cat <<END
A Slurm cluster is up in $cluster_dir: $(about_nodes).

  eval "\$($here/cluster.sh env)"         # sinfo, srun, sbatch and this checkout's programs, from this shell
  sinfo
  srun -N${#nodes[@]} hostname
  cd $cluster_dir/shared

$(about_partitions)
shared/ is a folder that every user and node may write; /tmp is each node's own.

  $here/cluster.sh exec n1 free -m    # a command on a node
  $here/cluster.sh down               # stops it and removes every trace
END
}

about_nodes() {
    case $setup in
        own) echo "n1, like this machine" ;;
        *) echo "n1, n2 (2 CPUs, 4000 MB), n3, n4 (1 CPU, 2000 MB)" ;;
    esac
}

about_partitions() {
    case $setup in
        own) echo "Partition: main." ;;
        *) echo "Partitions: main; short (limits); wide (three nodes and more); whole (exclusive nodes); shapes (only for sbatch --test-only: nothing runs there)." ;;
    esac
}

# Sets `setup` and `nodes`.
use_setup() {
    setup=$1
    case $setup in
        standard | plain) nodes=(n1 n2 n3 n4) ;;
        own) nodes=(n1) ;;
        *) fail "there is no set-up $setup: standard, plain or own" ;;
    esac
}

# That of the cluster in the folder; of none, standard.
present_setup() { cat "$cluster_dir/etc/setup" 2>/dev/null || echo standard; }

up() {
    local node
    use_setup "${1:-standard}"
    require_host
    claim_folder
    if is_up; then
        [[ $(present_setup) == "$setup" ]] ||
            fail "the cluster in $cluster_dir is of set-up $(present_setup); take it down first"
        for node in "${nodes[@]}"; do node_up "$node"; done
        how_to_use
        return
    fi
    trap tear_down EXIT
    trap 'exit 130' INT TERM
    tear_down
    rm -rf "$cluster_dir/log"
    choose_network
    write_config
    start_machine login
    wait_until "$(seconds "$patience")" "the accounting and the controller" test -e "$cluster_dir/run/login.ready"
    connect_host
    for node in "${nodes[@]}"; do start_machine "$node"; done
    wait_until "$(seconds "$patience")" "idle nodes" nodes_are_idle
    touch "$cluster_dir/run/complete"
    trap - EXIT INT TERM
    how_to_use
}

down() {
    if [[ ! -e $cluster_dir/$marker ]]; then
        # Empty: what an `up` left that was killed before it put its marker there.
        rmdir "$cluster_dir" 2>/dev/null || true
        return 0
    fi
    require_root
    lock_folder
    tear_down
    # The marker last: until then the folder is known as ours.
    find "$cluster_dir" -mindepth 1 -maxdepth 1 ! -name "$marker" -exec rm -rf --one-file-system {} +
    rm -rf --one-file-system "$cluster_dir"
}

status() {
    if ! is_up; then
        echo "no cluster in $cluster_dir"
        return 1
    fi
    local node
    for node in "${nodes[@]}"; do
        is_machine_up "$node" || echo "$node is down; start it with: $here/cluster.sh node-up $node"
    done
    SLURM_CONF=$cluster_dir/etc/slurm.conf timeout 10 sinfo
}

print_env() {
    is_up || fail "no cluster in $cluster_dir; start it with: $here/cluster.sh up"
    cat <<END
export AMORSIZE_CLUSTER_DIR='$cluster_dir'
export SLURM_CONF='$cluster_dir/etc/slurm.conf'
export PATH='${AMORSIZE_BIN:-$checkout/build/release/bin}':"\$PATH"
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
END
}

node_down() { kill_machine "$1"; }

node_up() { is_machine_up "$1" || start_machine "$1"; }

main() {
    local command=${1:-help}
    shift || true
    use_setup "$(present_setup)"
    case $command in
        up) up "$@" ;;
        down | status) "$command" ;;
        env) print_env ;;
        exec)
            [[ $# -ge 2 ]] || fail "exec needs a node and a command"
            enter "$@"
            ;;
        node-down | node-up)
            is_machine_up login || fail "no cluster in $cluster_dir"
            lock_folder
            "${command/-/_}" "${1:?which node?}"
            ;;
        help | -h | --help) usage ;;
        *)
            usage >&2
            exit 2
            ;;
    esac
}

main "$@"
