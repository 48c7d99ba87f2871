#!/usr/bin/env python3
"""mpirun maps the ranks of an advice as its plan says, on topologies from 1 to 512 hardware threads.

Nothing is started: Open MPI is shown the topology (HWLOC_XMLFILE) and asked for its map. A rank must
have the cores of its NUMA domains, or as many as it was to have, and no core may be given twice.

usage: mapping_test.py BIN_FOLDER DATA_FOLDER
"""
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

from topologies import JOBS, TOPOLOGIES, make_topology, read_topology

NODES = 2


def skip(reason):
    print("SKIPPED:", reason)
    sys.exit(77)


def advice(bin_folder, topology, job, folder):
    profile = os.path.join(folder, "cluster.yaml")
    manifest = os.path.join(folder, "job.yaml")
    with open(profile, "w", encoding="utf-8") as out:
        out.write("amorsize: 1\ncluster: test\nslurm_version: 22.05.8\n"
                  f"partitions: [{{name: main, default: true, nodes: [{{class: a, count: {NODES}}}]}}]\n"
                  f"node_classes: [{{name: a, topology_file: {topology}, memory: 512GiB}}]\n")
    with open(manifest, "w", encoding="utf-8") as out:
        out.write(f"amorsize: 1\nname: map\n{job}\n"
                  "profile: {seconds: 10, peak_memory: 100MiB, cpu_share: 1}\n")
    command = [os.path.join(bin_folder, "amorsize-advise"), manifest, "--cluster", profile,
               "--no-sample", "--dry-run", "--format", "json"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    if done.returncode == 4:
        return None
    if done.returncode != 0:
        raise RuntimeError(f"amorsize-advise: {done.stderr}")
    return json.loads(done.stdout)


def bound_cores(text, cores):
    """Of "socket 0[core 0[hwt 0-1]], ...:[BB/..][../..]" the cores (None: not bound), and whether these are all.

    Both the list and the mask are cut off when they are long; the mask holds every core there is.
    """
    if "UNBOUND" in text or "N/A" in text:
        return None, True
    mask = re.findall(r"\[([B./]+)\]", text.partition(":[")[1] + text.partition(":[")[2])
    places = [place for package in mask for place in package.split("/")]
    if len(places) == len(cores):
        return {i for i, place in enumerate(places) if "B" in place}, True
    return {int(core) for core in re.findall(r"core (\d+)\[", text)}, False


def mapped(arguments, topology, plan, cores):
    """What Open MPI would do: for each rank its node, its cores, whether those are all."""
    hosts = ",".join(f"node{i}:{plan['request']['ntasks_per_node']}" for i in range(plan["layout"]["nodes"]))
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("SLURM", "OMPI", "PMIX"))}
    environment.update(HWLOC_XMLFILE=topology, HWLOC_THISSYSTEM="1", OMPI_ALLOW_RUN_AS_ROOT="1",
                       OMPI_ALLOW_RUN_AS_ROOT_CONFIRM="1")
    command = [arguments[0], "--host", hosts, "--do-not-launch", "--display-map", *arguments[1:]]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, env=environment)
    text = done.stdout + done.stderr
    ranks, node = {}, None
    for line in text.splitlines():
        found = re.search(r"Data for node: (\S+)", line)
        if found:
            node = found.group(1)
        found = re.search(r"Process rank: (\d+) Bound: (.*)", line)
        if found:
            ranks[int(found.group(1))] = (node, *bound_cores(found.group(2), cores))
    if not ranks:
        raise RuntimeError("mpirun refuses: " + " ".join(text.split())[:600])
    return ranks


def faults(plan, ranks, cores, domains):
    layout, request = plan["layout"], plan["request"]
    if len(ranks) != layout["ranks"]:
        return [f"{len(ranks)} ranks mapped of {layout['ranks']}"]
    wrong = []
    threads = max(1, layout["threads_per_core"])
    wanted = request["cpus_per_task"] // threads
    taken = {}
    for rank, (node, bound, whole) in sorted(ranks.items()):
        if rank // layout["ranks_per_node"] != int(re.sub(r"\D", "", node)):
            wrong.append(f"rank {rank} is on {node}")
        if bound is None:
            bound = set(range(len(cores)))  # all of them: not bound is the same
        if (whole and len(bound) != wanted) or len(bound) > wanted:
            wrong.append(f"rank {rank} has {len(bound)} cores, not {wanted}")
        twice = bound & taken.setdefault(node, set())
        if twice:
            wrong.append(f"rank {rank} shares cores {sorted(twice)}")
        taken[node] |= bound
        numa = plan["ranks"][rank]["numa"] if rank < len(plan["ranks"]) else []
        if layout["ranks_per_node"] > 1 and numa:
            meant = set().union(*(domains[i] for i in numa))
            if not bound <= meant:
                wrong.append(f"rank {rank} has cores {sorted(bound)}, domain {numa} holds {sorted(meant)}")
    return wrong


def main():
    bin_folder, data = sys.argv[1:3]
    for tool in ("mpirun", "lstopo-no-graphics"):
        if shutil.which(tool) is None:
            skip(f"{tool} is not installed")
    version = subprocess.run(["mpirun", "--version"], capture_output=True, text=True, check=False).stdout
    if "Open MPI) 4." not in version:
        skip("this mpirun's map is not known to this test: " + version.split("\n", 1)[0])
    failed = tried = 0
    with tempfile.TemporaryDirectory() as folder:
        for name, synthetic, extra in TOPOLOGIES:
            topology = make_topology(name, synthetic, extra, data, folder)
            cores, domains = read_topology(topology)
            for job, text in JOBS.items():
                plan = advice(bin_folder, topology, text, folder)
                if plan is None:
                    continue
                tried += 1
                arguments = plan["launch"]["mpirun"]
                try:
                    wrong = faults(plan, mapped(arguments, topology, plan, cores), cores, domains)
                except RuntimeError as error:
                    wrong = [str(error)]
                if wrong:
                    failed += 1
                    print(f"FAILED: {name}, {job}: {plan['layout']}\n  {' '.join(arguments)}")
                    print("\n".join("    " + one for one in wrong[:4]))
                else:
                    print(f"ok: {name}, {job}: {' '.join(arguments[1:-2])}")
    print(f"{tried} mappings on {len(TOPOLOGIES)} topologies, {failed} not as planned")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
