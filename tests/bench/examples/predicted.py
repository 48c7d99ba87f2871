#!/usr/bin/env python3
"""Predicted against measured over the example jobs, twice each: the second advice has seen the first run.

predicted.py BIN [--items N] [--rounds N] [EXAMPLE...]     BIN: the built programs
Lists longer than N items are cut to it. A round takes every example once, with a history of its own, so that what else the
machine does is spread over all of them; the table, in Markdown, has the medians of the rounds. Run it on a machine without
other work: a prediction is for the machine as it was sampled.
"""
import argparse
import json
import os
import pathlib
import re
import shutil
import statistics
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[3]
MIB = 1 << 20
RUNNER_MIB = 64  # what a plan adds for amorsize-run


def call(program, *arguments, folder):
    done = subprocess.run([program, *arguments], cwd=folder, capture_output=True, text=True, timeout=600)
    if done.returncode != 0:
        sys.exit(f"{program} {' '.join(arguments)}: exit code {done.returncode}\n{done.stderr}")
    return done.stdout


def shorten(manifest, most):
    text = manifest.read_text()
    cut = lambda found: f"range: [{found[1]}, {min(int(found[2]), int(found[1]) + most)}]"
    manifest.write_text(re.sub(r"range: \[(\d+), (\d+)\]", cut, text))


def advise_and_run(programs, folder):
    advice = json.loads(call(programs / "amorsize-advise", "job.yaml", "--local", "--format", "json", folder=folder))
    plan, = folder.glob("*.plan.yaml")
    call(programs / "amorsize-run", "--fresh", plan.name, folder=folder)
    return advice, json.loads(call(programs / "amorsize-report", plan.name, "--format", "json", folder=folder))


def figures(advice, report):
    """What one advice and its run say, by the table's columns."""
    measured, predicted = report["measured"], report["predicted"]
    wall, took = predicted["wall_seconds"], measured["wall_seconds"]
    origin = next((fact["origin"] for fact in advice["basis"] if fact["name"] == "item time"), "")
    tried = re.search(r"(\d+) items?\b(?! of an earlier run)", origin)
    return {
        "items": report["items"],
        "tried": int(tried[1]) if tried else 0,
        "workers": measured["workers"],
        "p50": wall["p50"],
        "p95": wall["p95"],
        "took": took,
        "off": max(wall["p50"], took) / min(wall["p50"], took),
        "memory": (predicted["memory_per_node_bytes"] / MIB - RUNNER_MIB) / measured["workers"],
        "peak": measured["peak_rss_bytes"] / MIB,
    }


def medians(rounds):
    return {name: statistics.median(one[name] for one in rounds) for name in rounds[0]}


def row(name, which, rounds):
    middle = medians(rounds)
    worst = max(one["off"] for one in rounds)
    return (f"| {name} | {which} | {middle['items']:g} | {middle['tried']:g} | {middle['workers']:g} | "
            f"{middle['p50']:.3g} ({middle['p95']:.3g}) | {middle['took']:.3g} | {middle['off']:.2f}, {worst:.2f} | "
            f"{middle['memory']:.3g} | {middle['peak']:.3g} |")


def round_of(programs, tree, examples, number):
    """Every example advised and run twice: {(example, "first" or "second"): figures}."""
    os.environ["AMORSIZE_HISTORY"] = str(tree / f"history.{number}.sqlite")
    return {(folder.name, which): figures(*advise_and_run(programs, folder))
            for folder in examples for which in ("first", "second")}


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("programs", metavar="BIN", type=pathlib.Path)
    options.add_argument("--items", type=int, default=300)
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("examples", metavar="EXAMPLE", nargs="*")
    options = options.parse_intermixed_args()
    programs = options.programs.resolve()
    print(f"{options.rounds} rounds; load before them {os.getloadavg()[0]:.1f}\n")
    with tempfile.TemporaryDirectory(prefix="amorsize-examples.") as base:
        tree = pathlib.Path(base)
        shutil.copytree(ROOT / "configs/examples", tree / "configs/examples")
        (tree / "build/release").mkdir(parents=True)
        (tree / "build/release/bin").symlink_to(programs)
        examples = [manifest.parent for manifest in sorted((tree / "configs/examples").glob("*/job.yaml"))
                    if not options.examples or manifest.parent.name in options.examples]
        for folder in examples:
            shorten(folder / "job.yaml", options.items)
        rounds = [round_of(programs, tree, examples, number) for number in range(options.rounds)]
    print("| example | advice | items | tried | workers | predicted s (95 %) | took s | off by, worst | "
          "a worker, predicted MiB | largest item MiB |")
    print("|---|---|---|---|---|---|---|---|---|---|")
    for key in rounds[0]:
        print(row(*key, [one[key] for one in rounds]))


if __name__ == "__main__":
    main()
