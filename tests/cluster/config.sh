# shellcheck shell=bash disable=SC2154  # sourced by cluster.sh, which sets the variables
# The cluster's configuration files. `network` is set by choose_network.

write_config() {
    mkdir -p "$cluster_dir"/{etc,state,db,nodes,shared}
    chmod 1777 "$cluster_dir/shared"
    dd if=/dev/urandom of="$cluster_dir/etc/munge.key" bs=1024 count=1 status=none
    chmod 400 "$cluster_dir/etc/munge.key"
    hosts_file >"$cluster_dir/etc/hosts"
    echo "$setup" >"$cluster_dir/etc/setup"
    slurm_conf >"$cluster_dir/etc/slurm.conf"
    topology_conf >"$cluster_dir/etc/topology.conf"
    cgroup_conf >"$cluster_dir/etc/cgroup.conf"
    install -m 600 /dev/null "$cluster_dir/etc/slurmdbd.conf"
    slurmdbd_conf >"$cluster_dir/etc/slurmdbd.conf"
    accounting_sql >"$cluster_dir/etc/accounting.sql"
    accounts >"$cluster_dir/etc/accounts.sh"
}

hosts_file() {
    local name
    echo "127.0.0.1 localhost"
    for name in login "${nodes[@]}"; do echo "$(address_of "$name") $name"; done
}

# MB of a node; nothing for login, and in set-up own, where the machine's memory is the limit.
node_memory() {
    case $setup-$1 in
        own-*) ;;
        *-n1 | *-n2) echo 4000 ;;
        *-n3 | *-n4) echo 2000 ;;
    esac
}

slurm_conf() {
    cat <<END
ClusterName=mini
SlurmctldHost=login($(address_of login))
SlurmctldPort=26817
SlurmdPort=26818
SrunPortRange=27000-27999
SlurmUser=root
AuthType=auth/munge
CredType=cred/munge
AuthInfo=socket=$cluster_dir/run/munge.socket
StateSaveLocation=$cluster_dir/state
SlurmctldPidFile=$cluster_dir/run/slurmctld.pid
SlurmdPidFile=$cluster_dir/nodes/%n/slurmd.pid
SlurmdSpoolDir=$cluster_dir/nodes/%n/spool

AccountingStorageType=accounting_storage/slurmdbd
AccountingStorageHost=$(address_of login)
AccountingStoragePort=26819
AccountingStoragePass=$cluster_dir/run/munge.socket
AccountingStorageEnforce=associations,limits,qos
AccountingStorageTRES=gres/gpu
JobAcctGatherFrequency=1
$("plugins_of_$setup")

SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
MpiDefault=pmix
GresTypes=gpu
DefMemPerCPU=1000
MaxArraySize=1001
EnforcePartLimits=ALL
MailProg=/bin/true
PrivateData=cloud
PropagateResourceLimits=NONE
PrologFlags=Alloc

# A node may claim any shape: that is how the shapes below exist.
SlurmdParameters=config_overrides
ReturnToService=2
SlurmdTimeout=20
KillWait=5
InactiveLimit=0
SchedulerParameters=bf_interval=2,sched_interval=5

$("machines_of_$setup")
END
}

# Four nodes of two kinds, and shapes that sbatch --test-only judges. Those are powered down, so nothing ever runs there.
machines_of_standard() { four_nodes "Sockets=1 CoresPerSocket=2"; }
machines_of_plain() { four_nodes "Sockets=2 CoresPerSocket=1"; }
four_nodes() {
    cat <<END
NodeName=n[1-2] NodeAddr=$network.1[1-2] $1 ThreadsPerCore=1 RealMemory=$(node_memory n1) MemSpecLimit=100 Feature=a,big
NodeName=n[3-4] NodeAddr=$network.1[3-4] Sockets=1 CoresPerSocket=1 ThreadsPerCore=1 RealMemory=$(node_memory n3) MemSpecLimit=100 Feature=b,small
PartitionName=main Nodes=n[1-4] Default=YES MaxTime=1-00:00:00 DefaultTime=10 State=UP
PartitionName=short Nodes=n[1-4] MaxTime=10 DefaultTime=2 MaxNodes=2 DefMemPerCPU=400 MaxMemPerNode=1500 State=UP
PartitionName=wide Nodes=n[1-4] MaxTime=60 MinNodes=3 State=UP
PartitionName=whole Nodes=n[1-2] MaxTime=60 OverSubscribe=EXCLUSIVE State=UP

SuspendProgram=/bin/true
ResumeProgram=/bin/true
SuspendTime=864000
SuspendExcNodes=n[1-4]
$(shapes)
PartitionName=shapes Nodes=$(shape_nodes | paste -sd,) MaxTime=7-00:00:00 State=UP
END
}

# One node with the sockets, cores and memory of this machine.
machines_of_own() {
    local shape
    shape=$(slurmd -C | grep -o 'CPUs=.*')
    echo "NodeName=n1 NodeAddr=$network.11 $shape MemSpecLimit=100"
    echo "PartitionName=main Nodes=n1 Default=YES MaxTime=1-00:00:00 DefaultTime=10 State=UP"
}

# Control groups hold a job to its CPUs and kill it over its memory.
plugins_of_standard() {
    cat <<END
JobAcctGatherType=jobacct_gather/cgroup
ProctrackType=proctrack/cgroup
TaskPlugin=task/affinity,task/cgroup
END
}
plugins_of_own() { plugins_of_standard; }

# No control groups: affinity holds a job to its CPUs, and Slurm looks at its memory every second. Two switches.
plugins_of_plain() {
    cat <<END
JobAcctGatherType=jobacct_gather/linux
JobAcctGatherParams=OverMemoryKill
ProctrackType=proctrack/linuxproc
TaskPlugin=task/affinity
TopologyPlugin=topology/tree
END
}

# Read in set-up plain only.
topology_conf() {
    cat <<END
SwitchName=left Nodes=n[1-2]
SwitchName=right Nodes=n[3-4]
SwitchName=far Nodes=$(shape_nodes | paste -sd,)
SwitchName=top Switches=left,right,far
END
}

# Sockets, cores of a socket, hardware threads of a core, MB, GPUs: 1 to 512 hardware threads, 1 to 16 sockets.
shape_table() {
    cat <<END
1 1 1 2000 0
1 2 1 8000 0
1 4 2 16000 0
1 16 1 64000 0
2 6 1 48000 0
2 8 2 128000 0
2 16 1 128000 0
2 16 2 256000 0
2 24 1 192000 0
2 32 1 256000 4
2 48 1 716800 0
2 32 2 512000 0
8 8 1 256000 0
2 20 4 256000 0
2 64 2 1000000 8
4 48 1 384000 0
16 16 1 1000000 0
2 128 2 1500000 0
END
}

shape_nodes() { shape_table | while read -r s c t _; do echo "s${s}c${c}t${t}-[1-4]"; done; }

shapes() {
    local s c t memory gpus
    shape_table | while read -r s c t memory gpus; do
        echo "NodeName=s${s}c${c}t${t}-[1-4] Sockets=$s CoresPerSocket=$c ThreadsPerCore=$t RealMemory=$memory" \
            "Feature=s${s}c${c}t${t}$([[ $gpus == 0 ]] || echo " Gres=gpu:$gpus") State=CLOUD"
    done
}

cgroup_conf() {
    cat <<END
CgroupPlugin=cgroup/$(cgroup_version)
CgroupAutomount=no
ConstrainCores=yes
ConstrainRAMSpace=yes
END
    if [[ $(cgroup_version) == v2 ]]; then echo "IgnoreSystemd=yes"; fi
}

slurmdbd_conf() {
    cat <<END
AuthType=auth/munge
AuthInfo=socket=$cluster_dir/run/munge.socket
DbdHost=login
DbdAddr=$(address_of login)
DbdPort=26819
SlurmUser=root
PidFile=$cluster_dir/run/slurmdbd.pid
StorageType=accounting_storage/mysql
StorageHost=127.0.0.1
StoragePort=23306
StorageUser=slurm
StoragePass=slurm
StorageLoc=slurm_acct
END
}

accounting_sql() {
    cat <<END
CREATE DATABASE IF NOT EXISTS slurm_acct;
CREATE USER IF NOT EXISTS 'slurm'@'127.0.0.1' IDENTIFIED BY 'slurm';
GRANT ALL ON slurm_acct.* TO 'slurm'@'127.0.0.1';
END
}

# root submits under physics without limits that matter, or in QoS pairs with two nodes and more; nobody is a guest
# with some.
accounts() {
    cat <<END
set -e
quietly() { sacctmgr -i "\$@" >/dev/null; }
quietly add cluster mini
quietly modify qos normal set MaxTRESPerUser=cpu=4096
quietly add qos pairs MinTRESPerJob=node=2 Flags=DenyOnLimit
quietly add account physics Description=physics Organization=physics
quietly add account guest Description=guests Organization=guests GrpTRES=node=2 MaxWall=00:30:00
quietly add user root Account=physics
quietly modify user root set qos+=pairs
quietly add user nobody Account=guest
END
}
