"""The topologies and jobs that advice is mapped for: 1 to 512 hardware threads, 1 to 16 NUMA domains."""
import os
import shutil
import subprocess
import xml.etree.ElementTree as xml

# Name, and what lstopo makes it from: a synthetic description, with what it is restricted to, or a file.
TOPOLOGIES = [
    ("one-thread", "core:1 pu:1", None),
    ("two-cores", "core:2 pu:1", None),
    ("desktop", "core:4 pu:2", None),
    ("one-socket", "core:16 pu:1", None),
    ("two-sockets", "pack:2 core:8 pu:2", None),
    ("two-sockets-no-smt", "pack:2 core:24 pu:1", None),
    ("sub-numa", "pack:2 numa:4 core:8 pu:2", None),
    ("power", "pack:2 core:20 pu:4", None),
    ("many-caches", "pack:2 l3:8 core:8 pu:2", None),
    ("four-sockets", "pack:4 core:48 pu:1", None),
    ("eight-sockets", "pack:8 core:8 pu:1", None),
    ("sixteen-sockets", "pack:16 core:16 pu:1", None),
    ("sixteen-domains", "pack:2 numa:8 l3:2 core:8 pu:2", None),
    ("uneven", "pack:2 core:8 pu:1", "0x00000fff"),
    ("memory-only", "[numa(memory=64GB)] pack:2 [numa(memory=16GB)] core:16 pu:1", None),
    ("memory-only-each", "pack:2 [numa(memory=64GB)] [numa(memory=16GB)] core:16 pu:2", None),
    ("sub-numa-and-more", "[numa(memory=64GB)] pack:2 group:2 [numa(memory=16GB)] core:8 pu:1", None),
    ("hbm", None, "hbm-first.xml"),
]

# Jobs that lead to different layouts: workers on every core, workers of several threads that cross
# domains, a few workers, an MPI program.
JOBS = {
    "full": "command: [hostname]\nitems: {range: [0, 100000]}",
    "threads": "command: [hostname]\nitems: {range: [0, 100000]}\nresources: {threads: 3}",
    "few": "command: [hostname]\nitems: {range: [0, 3]}",
    "mpi": "kind: mpi\ncommand: [hostname]\nlimits: {nodes: 2}",
    "hybrid": "kind: mpi\ncommand: [hostname]\nlimits: {nodes: 2}\nresources: {threads: 4}",
}


def make_topology(name, synthetic, extra, data, folder):
    path = os.path.join(folder, name + ".xml")
    if synthetic is None:
        shutil.copy(os.path.join(data, extra), path)
        return path
    command = ["lstopo-no-graphics", "--if", "synthetic", "-i", synthetic, "--of", "xml"]
    if extra:
        command += ["--restrict", extra]
    with open(path, "w", encoding="utf-8") as out:
        subprocess.run(command, check=True, stdout=out, stderr=subprocess.DEVNULL)
    return path


def cpu_numbers(cpuset):
    """The set bits of hwloc's text for a set: comma-separated 32-bit words, the highest first."""
    words = cpuset.split(",")
    numbers = set()
    for place, word in enumerate(reversed(words)):
        value = int(word or "0", 16)
        numbers |= {32 * place + bit for bit in range(32) if value >> bit & 1}
    return numbers


def read_topology(path):
    """Cores in logical order, each as its hardware threads, and the domains that hold cores as core numbers."""
    cores, nodes = [], []
    for item in xml.parse(path).iter("object"):
        if item.get("type") == "Core":
            cores.append(cpu_numbers(item.get("cpuset")))
        elif item.get("type") == "NUMANode":
            nodes.append(cpu_numbers(item.get("cpuset")))
    domains, seen = [], set()
    for node in sorted(nodes, key=lambda held: (len(held), min(held, default=0))):
        held = {i for i, core in enumerate(cores) if core <= node and i not in seen}
        if held:
            domains.append(held)
            seen |= held
    domains.sort(key=min)
    return cores, domains
