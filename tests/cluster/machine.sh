#!/usr/bin/env bash
# The first process of one machine of the cluster, inside namespaces of its own: sets up what the machine
# sees, starts its daemons, and adopts whatever is orphaned there.
set -euo pipefail

cluster_dir=$1
name=$2
checkout=$3
patience=$4 # seconds
export SLURM_CONF=$cluster_dir/etc/slurm.conf

# Read before /proc is replaced: our number as the host counts.
read -r host_pid _ </proc/self/stat
started=$(sed 's/.*) //' "/proc/$host_pid/stat" | cut -d' ' -f20)

private_view() {
    hostname "$name"
    mount --bind "$cluster_dir/etc/hosts" /etc/hosts
    private_tmp
    mount -t tmpfs -o mode=1777 tmpfs /dev/shm
    mount -t proc proc /proc
    own_cgroups
}

# A checkout below /tmp stays visible where it is.
private_tmp() {
    exec 9<"$checkout"
    mkdir -p "$cluster_dir/nodes/$name/tmp"
    chmod 1777 "$cluster_dir/nodes/$name/tmp"
    mount --bind "$cluster_dir/nodes/$name/tmp" /tmp
    if [[ $checkout/ == /tmp/* ]]; then
        mkdir -p "$checkout"
        mount --bind /proc/self/fd/9 "$checkout"
    fi
    exec 9<&-
}

# /sys/fs/cgroup shows this machine's group as the root, as on a machine of its own.
own_cgroups() {
    local group
    if [[ -e /sys/fs/cgroup/cgroup.controllers ]]; then
        for group in /sys/fs/cgroup/amorsize-cluster-*/"$name"; do show_as_root "$group" /sys/fs/cgroup; done
        # slurmd puts its steps below system.slice, without systemd to make it.
        mkdir -p /sys/fs/cgroup/init /sys/fs/cgroup/system.slice
        echo $$ >/sys/fs/cgroup/init/cgroup.procs
        # Refused until cluster.sh has moved our parent out of the group's root too.
        wait_for sh -c 'echo "+cpu +cpuset +memory +pids" >/sys/fs/cgroup/cgroup.subtree_control'
        echo "+cpu +cpuset +memory +pids" >/sys/fs/cgroup/system.slice/cgroup.subtree_control
    else
        for group in /sys/fs/cgroup/*/amorsize-cluster-*/"$name"; do
            show_as_root "$group" "${group%/amorsize-cluster-*}"
        done
    fi
}

# Clusters may live side by side: only the group that we are in is ours.
show_as_root() {
    if grep -qx $$ "$1/cgroup.procs" 2>/dev/null; then mount --bind "$1" "$2"; fi
}

wait_for() {
    local tries
    for ((tries = 0; tries < 20 * patience; tries++)); do
        if "$@" >/dev/null 2>&1; then return; fi
        sleep 0.05
    done
    echo "machine.sh: waited in vain for: $*"
    return 1
}

address() { awk -v name="$name" '$2 == name { print $1 }' /etc/hosts; }

run_login() {
    ip link set lo up
    ip link add switch type bridge
    ip addr add "$(address)/24" dev switch
    ip link set switch up
    munged --force --key-file="$cluster_dir/etc/munge.key" --socket="$cluster_dir/run/munge.socket" \
        --pid-file="$cluster_dir/run/munged.pid" --log-file="$cluster_dir/log/munged.log" \
        --seed-file="$cluster_dir/run/munged.seed"
    run_database
    slurmdbd -D >>"$cluster_dir/log/slurmdbd.log" 2>&1 &
    wait_for sacctmgr -n list cluster
    wait_for sh -c "sacctmgr -n list qos | grep -q normal"
    bash "$cluster_dir/etc/accounts.sh"
    slurmctld -D >>"$cluster_dir/log/slurmctld.log" 2>&1 &
    wait_for scontrol ping
    touch "$cluster_dir/run/login.ready"
}

run_database() {
    local data=$cluster_dir/db quick=(--innodb-flush-method=nosync --innodb-flush-log-at-trx-commit=0)
    mariadb-install-db --no-defaults --datadir="$data" --skip-test-db --user=root "${quick[@]}" \
        >>"$cluster_dir/log/mariadb.log" 2>&1
    mariadbd --no-defaults --datadir="$data" --user=root --bind-address=127.0.0.1 --port=23306 \
        --socket="$cluster_dir/run/mariadb.socket" --pid-file="$cluster_dir/run/mariadb.pid" \
        --tmpdir=/tmp --skip-name-resolve --init-file="$cluster_dir/etc/accounting.sql" "${quick[@]}" \
        --innodb-buffer-pool-size=64M >>"$cluster_dir/log/mariadb.log" 2>&1 &
    wait_for test -S "$cluster_dir/run/mariadb.socket"
}

run_node() {
    ip link set lo up
    wait_for ip link show eth0
    ip addr add "$(address)/24" dev eth0
    ip link set eth0 up
    mkdir -p "$cluster_dir/nodes/$name/spool"
    slurmd -D -N "$name" >>"$cluster_dir/log/$name.slurmd.log" 2>&1 &
}

private_view
# Written in one piece: whoever sees the file may enter the machine.
echo "$host_pid $started" >"$cluster_dir/run/$name.pid.new"
mv "$cluster_dir/run/$name.pid.new" "$cluster_dir/run/$name.pid"
if [[ $name == login ]]; then run_login; else run_node; fi
while true; do
    wait -n || true
    sleep 1
done
