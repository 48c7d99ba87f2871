#!/usr/bin/env python3
"""sbatch --test-only takes the scripts of advice for the topologies of mpi.mapping, on nodes configured to each shape.

Slurm knows sockets, cores and threads, so uneven domains are a shape of as many cores, and memory-only nodes are not seen.

usage: topologies_test.py BIN_FOLDER DATA_FOLDER FOLDER    FOLDER: to work in, where Slurm's commands see it
"""
import concurrent.futures
import os
import subprocess
import sys
import xml.etree.ElementTree as xml

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "mpi"))
from topologies import JOBS, TOPOLOGIES, make_topology, read_topology  # noqa: E402


def shape_of(topology):
    """The feature of the cluster's nodes of that shape."""
    cores, _ = read_topology(topology)
    packages = max(1, sum(item.get("type") == "Package" for item in xml.parse(topology).iter("object")))
    return f"s{packages}c{len(cores) // packages}t{len(cores[0])}"


def with_constraint(job, shape):
    if "limits: {" in job:
        return job.replace("limits: {", f"limits: {{constraint: {shape}, ")
    return f"{job}\nlimits: {{constraint: {shape}}}"


def judge(bin_folder, topology, shape, job, folder):
    """What sbatch says of the advice's script; "infeasible" where nothing fits the topology."""
    os.makedirs(folder)
    profile, manifest = os.path.join(folder, "cluster.yaml"), os.path.join(folder, "job.yaml")
    with open(profile, "w", encoding="utf-8") as out:
        out.write("amorsize: 1\ncluster: mini\nslurm_version: 22.05.8\n"
                  "partitions: [{name: shapes, default: true, nodes: [{class: a, count: 4}]}]\n"
                  f"node_classes: [{{name: a, topology_file: {topology}, memory: 1900MiB, features: [{shape}]}}]\n")
    with open(manifest, "w", encoding="utf-8") as out:
        out.write(f"amorsize: 1\nname: map\n{with_constraint(job, shape)}\n"
                  "profile: {seconds: 10, peak_memory: 1MiB, cpu_share: 1}\n")
    advise = [os.path.join(bin_folder, "amorsize-advise"), manifest, "--cluster", profile, "--no-sample",
              "--output", folder]
    done = subprocess.run(advise, capture_output=True, text=True, timeout=60, check=False)
    if done.returncode == 4:
        return "infeasible"
    if done.returncode != 0:
        raise RuntimeError(f"amorsize-advise: {done.stderr}")
    script = os.path.join(folder, "map.sbatch")
    done = subprocess.run(["sbatch", "--test-only", script], capture_output=True, text=True, timeout=60, check=False)
    if done.returncode != 0 or " to start at " not in done.stderr:
        with open(script, encoding="utf-8") as text:
            request = " ".join(line.split(" ")[1] for line in text if line.startswith("#SBATCH"))
        raise RuntimeError(f"sbatch --test-only: {done.stderr.strip()}\n  {request}")
    return done.stderr.strip().partition(" to start at ")[2].split(" ", 1)[1]


def main():
    bin_folder, data, folder = sys.argv[1:4]
    wanted = []
    for name, synthetic, extra in TOPOLOGIES:
        topology = make_topology(name, synthetic, extra, data, folder)
        shape = shape_of(topology)
        wanted += [(name, shape, job, topology) for job in JOBS]
    failed = accepted = 0
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        answers = [pool.submit(judge, bin_folder, topology, shape, JOBS[job], os.path.join(folder, f"{name}.{job}"))
                   for name, shape, job, topology in wanted]
        for (name, shape, job, _), answer in zip(wanted, answers):
            try:
                accepted += answer.result() != "infeasible"
                print(f"ok: {name} as {shape}, {job}: {answer.result()}")
            except RuntimeError as error:
                failed += 1
                print(f"FAILED: {name} as {shape}, {job}: {error}")
    print(f"{accepted} scripts for {len(TOPOLOGIES)} topologies taken, {failed} refused")
    sys.exit(1 if failed or accepted < 3 * len(TOPOLOGIES) else 0)


if __name__ == "__main__":
    main()
