#!/usr/bin/env python3
"""Compares where workers were held with the advice and the machine's NUMA domains.

usage: numa_check.py domains                            exit code 77 if there is one only
       numa_check.py launch ADVICE.json                 mpirun's arguments, one a line
       numa_check.py mpirun|srun|alone ADVICE.json PLACED ERR
PLACED holds a line "rank R cpus LIST policy POLICY" of each item, ERR what amorsize-run said.
"""
import json
import pathlib
import re
import sys


def numbers(text):
    found = set()
    for part in filter(None, text.strip().split(",")):
        first, _, last = part.partition("-")
        found |= set(range(int(first), int(last or first) + 1))
    return found


def domains():
    """CPUs of each NUMA node that has any, by its number."""
    nodes = pathlib.Path("/sys/devices/system/node").glob("node[0-9]*")
    cpus = {int(node.name[4:]): numbers((node / "cpulist").read_text()) for node in nodes}
    return {number: cpus[number] for number in sorted(cpus) if cpus[number]}


def check(how, advice, lines, said):
    cpus_of = domains()
    places = {}
    for line in lines:
        rank, cpus, policy = re.fullmatch(r"rank (\d+) cpus (\S+) policy (\S+)\n", line).groups()
        places.setdefault((int(rank), cpus), set()).add(policy)
    planned = sum(rank["workers"] for rank in advice["ranks"])
    assert len(places) == planned, f"{len(places)} places, {planned} workers planned: {sorted(places)}"
    used = {}
    for (rank, cpus), policies in places.items():
        domain = [number for number, there in cpus_of.items() if numbers(cpus) <= there]
        assert len(domain) == 1, f"a worker of rank {rank} may run on {cpus}, domains are {cpus_of}"
        # A rank that is bound to one domain leaves it to the kernel, which takes what is near.
        near = {f"prefer:{domain[0]}"} if how == "alone" else {"default"}
        assert policies == near, f"on {cpus} memory is taken by {policies}"
        used.setdefault(rank, set()).add(domain[0])
    together = [cpu for _, cpus in places for cpu in numbers(cpus)]
    assert len(together) == len(set(together)), f"workers share CPUs: {sorted(places)}"
    by_logical_number = list(cpus_of)
    for rank in advice["ranks"]:
        wanted = {by_logical_number[domain] for domain in rank["numa"]}
        if how == "alone":
            assert wanted <= used[0], f"alone in {used[0]}, planned {wanted}"
        else:
            assert used[rank["rank"]] == wanted, f"rank {rank['rank']} in {used[rank['rank']]}, planned {wanted}"
    remarks = [line for line in said if re.match(r"ranks? \d", line)]
    assert not remarks, f"nothing differs from the plan, but: {remarks}"
    print(f"ok: {how}: {planned} workers in {len(cpus_of)} domains as planned")


def main(how, *files):
    if how == "domains":
        if len(domains()) < 2:
            print("SKIPPED: this machine has one NUMA domain")
            sys.exit(77)
        return
    with open(files[0], encoding="utf-8") as file:
        advice = json.load(file)
    if how == "launch":
        print("\n".join(advice["launch"]["mpirun"]))
        return
    with open(files[1], encoding="utf-8") as lines, open(files[2], encoding="utf-8") as said:
        check(how, advice, list(lines), list(said))


main(*sys.argv[1:])
