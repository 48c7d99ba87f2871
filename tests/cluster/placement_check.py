#!/usr/bin/env python3
"""Compares a job that ran with its advice: where the ranks sat, and what the accounting says was given.

usage: placement_check.py ADVICE.json OUTPUT SACCT
OUTPUT holds lines "rank R ... on HOST with cpus LIST, ...", one a rank or several (one a worker's item).
SACCT is `sacct -nPX -o Partition,NNodes,AllocCPUS,ReqMem,TimelimitRaw` of the job.
"""
import collections
import json
import re
import sys


def cpus(text):
    numbers = set()
    for part in text.split(","):
        first, _, last = part.partition("-")
        numbers |= set(range(int(first), int(last or first) + 1))
    return numbers


def seen_ranks(path):
    """For each rank its host and all CPUs that something of it was allowed."""
    ranks = collections.defaultdict(lambda: [set(), set()])
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            found = re.match(r"rank (\d+) .*?on (\S+) with cpus ([\d,-]+)", line)
            if found:
                ranks[int(found.group(1))][0].add(found.group(2))
                ranks[int(found.group(1))][1].update(cpus(found.group(3).rstrip(",")))
    return ranks


def check_ranks(advice, ranks):
    layout, request = advice["layout"], advice["request"]
    assert sorted(ranks) == list(range(layout["ranks"])), f"ranks {sorted(ranks)}, planned {layout['ranks']}"
    by_host = collections.defaultdict(list)
    for rank, (hosts, allowed) in sorted(ranks.items()):
        assert len(hosts) == 1, f"rank {rank} ran on {sorted(hosts)}"
        by_host[min(hosts)].append((rank, allowed))
        assert len(allowed) == request["cpus_per_task"], \
            f"rank {rank} had CPUs {sorted(allowed)}, planned {request['cpus_per_task']}"
    assert len(by_host) == layout["nodes"], f"nodes {sorted(by_host)}, planned {layout['nodes']}"
    for host, there in by_host.items():
        assert len(there) == layout["ranks_per_node"], f"{len(there)} ranks on {host}"
        numbers = [rank for rank, _ in there]
        assert numbers == list(range(numbers[0], numbers[0] + len(there))), f"ranks {numbers} on {host}"
        together = set().union(*(allowed for _, allowed in there))
        assert len(together) == sum(len(allowed) for _, allowed in there), f"ranks share CPUs on {host}"


def check_accounting(advice, line):
    partition, nodes, allocated, memory, minutes = line.strip().split("|")
    request = advice["request"]
    assert partition == request["partition"], f"partition {partition}"
    assert int(nodes) == request["nodes"], f"{nodes} nodes"
    if "--exclusive" not in " ".join(request["directives"]):
        assert int(allocated) == request["ntasks"] * request["cpus_per_task"], f"{allocated} CPUs"
    total = float(memory.rstrip("MGcn")) * (1024 if "G" in memory else 1)
    wanted = request["mem_mib_per_node"]
    # From 21.08 on sacct tells the job's memory, before that the node's.
    assert total in (wanted, wanted * request["nodes"]), f"memory {memory}, asked for {wanted} MiB a node"
    assert int(minutes) * 60 == request["time_limit_seconds"], f"{minutes} min"


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        advice = json.load(file)
    try:
        check_ranks(advice, seen_ranks(sys.argv[2]))
        check_accounting(advice, sys.argv[3])
    except AssertionError as fault:
        print(f"not as planned: {fault}", file=sys.stderr)
        sys.exit(1)


main()
