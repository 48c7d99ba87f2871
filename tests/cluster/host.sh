# shellcheck shell=bash disable=SC2154  # sourced by cluster.sh, which sets the variables
# What cluster.sh does to this host: checks, namespaces, one virtual cable, processes, control groups.
# A machine of the cluster (login, n1, ...) is a set of namespaces whose first process is machine.sh;
# killing that process ends everything on the machine, which is how nothing outlives the cluster.

marker=.amorsize-cluster

fail() {
    echo "cluster.sh: $*" >&2
    exit 1
}

skip() {
    echo "SKIPPED: $*"
    exit 77
}

require_root() { [[ $EUID -eq 0 ]] || skip "a Slurm cluster with nodes of its own needs root"; }

require_namespaces() {
    unshare -n -m -u -i -p -C --fork true 2>/dev/null && return
    if unshare -n -m -u -i -p -C --fork --propagation unchanged true 2>/dev/null; then
        # Mounts of the nodes would reach the host.
        skip "in a chroot whose root folder is no mount point (before chroot: mount --bind FOLDER FOLDER)"
    fi
    skip "the kernel lets us make no namespaces"
}

require_host() {
    require_root
    local tool missing=()
    for tool in slurmctld slurmd slurmdbd munged mariadbd mariadb-install-db sinfo ip nsenter unshare; do
        command -v "$tool" >/dev/null || missing+=("$tool")
    done
    [[ ${#missing[@]} -eq 0 ]] || skip "not installed: ${missing[*]} (packages: slurm-wlm slurmdbd slurm-client munge mariadb-server iproute2)"
    require_namespaces
    [[ -e /etc/hosts ]] || skip "there is no /etc/hosts that the nodes could see theirs instead of"
    cgroup_version >/dev/null || skip "no memory control group may be written under /sys/fs/cgroup"
    case $cluster_dir/ in
        /tmp/*) fail "AMORSIZE_CLUSTER_DIR=$cluster_dir: choose a folder outside /tmp, which every node has for itself" ;;
        *[[:space:]]*) fail "AMORSIZE_CLUSTER_DIR=$cluster_dir: the path may hold no space" ;;
        /*) ;;
        *) fail "AMORSIZE_CLUSTER_DIR=$cluster_dir: must be an absolute path" ;;
    esac
}

# The folder is ours if our marker is in it; the marker is also the lock.
claim_folder() {
    if [[ -d $cluster_dir && ! -e $cluster_dir/$marker && -n $(ls -A "$cluster_dir") ]]; then
        fail "$cluster_dir holds something else; choose another folder with AMORSIZE_CLUSTER_DIR"
    fi
    mkdir -p "$cluster_dir"
    chmod 755 "$cluster_dir"
    lock_folder
}

lock_folder() {
    exec {lock_fd}>>"$cluster_dir/$marker"
    flock -w 60 "$lock_fd" || fail "another cluster.sh is at work on $cluster_dir"
    [[ $cluster_dir/$marker -ef /proc/self/fd/$lock_fd ]] || fail "$cluster_dir was just removed; try again"
}

# Deadlines count in steps of 0.1 s.
seconds() { echo $(($1 * 10)); }

wait_until() {
    local steps=$1 what=$2
    shift 2
    until "$@"; do
        if ((--steps <= 0)); then
            tail -n 5 "$cluster_dir"/log/*.log >&2 || true
            fail "waited in vain for $what; logs are in $cluster_dir/log"
        fi
        sleep 0.1
    done
}

# --- machines ---

start_time() { sed 's/.*) //' "/proc/$1/stat" 2>/dev/null | cut -d' ' -f20; }

# The first process of a machine, if it is the one we started and not a later one of the same number.
machine_pid() {
    local pid started
    read -r pid started 2>/dev/null <"$cluster_dir/run/$1.pid" || return 1
    [[ -n $started && $(start_time "$pid") == "$started" ]] && echo "$pid"
}

is_machine_up() { machine_pid "$1" >/dev/null; }

start_machine() {
    local name=$1
    rm -f "$cluster_dir/run/$name".*
    make_cgroup "$name"
    (
        enter_cgroup "$name"
        exec {lock_fd}>&-
        cd / # a test's own folder is gone one day, and slurmstepd would complain to every job
        exec setsid unshare --net --mount --uts --ipc --cgroup --pid --fork --kill-child \
            env -i PATH="$PATH" LANG=C.UTF-8 bash "$here/machine.sh" "$cluster_dir" "$name" "$checkout" "$patience" \
            </dev/null >>"$cluster_dir/log/$name.log" 2>&1
    ) &
    wait_until "$(seconds "$patience")" "the machine $name" is_started_or_failed "$name" $!
    is_machine_up "$name" || fail "the machine $name did not start: $(tail -n 3 "$cluster_dir/log/$name.log")"
    [[ $name == login ]] || plug "$name"
}

is_started_or_failed() {
    local group
    group=/sys/fs/cgroup/$(cgroup_name)/$1
    if [[ -d $group/init ]]; then echo "$2" >"$group/init/cgroup.procs" || true; fi
    [[ -s $cluster_dir/run/$1.pid ]] || ! kill -0 "$2" 2>/dev/null
}

kill_machine() {
    local pid
    pid=$(machine_pid "$1") || return 0
    kill -KILL "$pid" 2>/dev/null || true
    wait_until "$(seconds 60)" "the end of $1" machine_is_gone "$1"
}

machine_is_gone() { ! is_machine_up "$1"; }

enter() {
    local name=$1 pid
    shift
    pid=$(machine_pid "$name") || fail "no machine $name is up in $cluster_dir"
    enter_cgroup "$name"
    exec nsenter --target "$pid" --net --mount --uts --ipc --cgroup --pid --root --wd="$PWD" \
        env SLURM_CONF="$cluster_dir/etc/slurm.conf" PATH="${AMORSIZE_BIN:-$checkout/build/release/bin}:$PATH" \
        OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 "$@"
}

# Also with nodes down, as a cluster is.
is_up() { [[ -e $cluster_dir/run/complete ]] && is_machine_up login; }

nodes_are_idle() {
    local idle
    idle=$(SLURM_CONF=$cluster_dir/etc/slurm.conf timeout 5 sinfo -h -N -p main -t idle -o %N 2>/dev/null) &&
        [[ $(wc -w <<<"$idle") -eq ${#nodes[@]} ]]
}

tear_down() {
    local name
    for name in n1 n2 n3 n4 login; do kill_machine "$name"; done # of whatever set-up it was
    if [[ -e $cluster_dir/run/network ]]; then
        ip link del "$(<"$cluster_dir/run/network")" 2>/dev/null || true
    fi
    remove_cgroups
    find "$cluster_dir" -mindepth 1 -maxdepth 1 ! -name "$marker" ! -name shared ! -name log -exec rm -rf --one-file-system {} +
}

# --- network: the switch is a bridge on login; this host has one cable to it ---

# The name of the cable and the third byte of the addresses, from the folder, so that clusters live side by side.
choose_network() {
    local number tries
    mkdir -p "$cluster_dir/run" "$cluster_dir/log"
    number=$(($(cksum <<<"$cluster_dir" | cut -d' ' -f1) % 250 + 1))
    for ((tries = 0; tries < 250; tries++)); do
        if ! ip link show "amz$number" &>/dev/null && [[ -z $(ip -4 addr show to "10.213.$number.0/24") ]]; then
            network=10.213.$number
            echo "amz$number" >"$cluster_dir/run/network"
            return
        fi
        number=$((number % 250 + 1))
    done
    fail "no free network among 10.213.0.0/16"
}

address_of() {
    case $1 in
        login) echo "$network.1" ;;
        *) echo "$network.$((10 + ${1#n}))" ;;
    esac
}

connect_host() {
    local cable
    cable=$(<"$cluster_dir/run/network")
    ip link add "$cable" type veth peer name host netns "$(machine_pid login)"
    ip addr add "$network.254/24" dev "$cable"
    ip link set "$cable" up
    on_login ip link set host master switch up
}

plug() {
    on_login ip link del "to-$1" 2>/dev/null || true
    on_login ip link add "to-$1" type veth peer name eth0 netns "$(machine_pid "$1")"
    on_login ip link set "to-$1" master switch up
}

on_login() { nsenter --target "$(machine_pid login)" --net "$@"; }

# --- control groups: each machine has its own, and sees it as the root of the hierarchy ---

cgroup_version() {
    if [[ -w /sys/fs/cgroup/memory/cgroup.procs && -w /sys/fs/cgroup/cpuset/cgroup.procs ]]; then
        echo v1
    elif grep -qw memory /sys/fs/cgroup/cgroup.controllers 2>/dev/null; then
        echo v2
    else
        return 1
    fi
}

cgroup_name() { echo "amorsize-cluster-$(cksum <<<"$cluster_dir" | cut -d' ' -f1)"; }

cgroup_roots() {
    if [[ $(cgroup_version) == v1 ]]; then
        local controller
        for controller in cpu cpuacct cpuset memory devices freezer pids; do
            [[ -d /sys/fs/cgroup/$controller ]] && echo "/sys/fs/cgroup/$controller"
        done
    else
        echo /sys/fs/cgroup
    fi
}

make_cgroup() {
    local root folder parent
    for root in $(cgroup_roots); do
        for folder in "$root/$(cgroup_name)" "$root/$(cgroup_name)/$1"; do
            parent=${folder%/*}
            if [[ $root == /sys/fs/cgroup ]]; then
                echo "+cpu +cpuset +memory +pids" >"$parent/cgroup.subtree_control"
            fi
            mkdir -p "$folder"
            if [[ $root == */cpuset ]]; then
                cat "$parent/cpuset.cpus" >"$folder/cpuset.cpus"
                cat "$parent/cpuset.mems" >"$folder/cpuset.mems"
            fi
        done
        limit_memory "$folder" "$(node_memory "$1")"
    done
}

# A node has the memory its configuration claims, as seen by whoever looks on the node.
limit_memory() {
    local file
    for file in memory.limit_in_bytes memory.max; do
        if [[ -e $1/$file && -n $2 ]]; then echo "$2M" >"$1/$file"; fi
    done
}

# In version 2 a group with groups below it may hold no processes: the machine's own sit in "init" then.
enter_cgroup() {
    local root group
    for root in $(cgroup_roots); do
        group=$root/$(cgroup_name)/$1
        if [[ -d $group/init ]]; then group=$group/init; fi
        echo "$BASHPID" >"$group/cgroup.procs"
    done
}

# Whatever is left in our groups was started by us, even if we were ended before we could write down its number.
kill_cgroups() {
    local root pid
    for root in $(cgroup_roots); do
        [[ -d $root/$(cgroup_name) ]] || continue
        find "$root/$(cgroup_name)" -name cgroup.procs -exec cat {} + | while read -r pid; do
            kill -KILL "$pid" 2>/dev/null || true
        done
    done
}

remove_cgroups() {
    local root
    for root in $(cgroup_roots); do
        wait_until "$(seconds 60)" "the end of the control groups in $root" remove_tree "$root/$(cgroup_name)"
    done
}

# Killed each time: what was just being started when cluster.sh itself was killed may come late.
remove_tree() {
    [[ -d $1 ]] || return 0
    kill_cgroups
    find "$1" -depth -type d -exec rmdir {} + 2>/dev/null
}
