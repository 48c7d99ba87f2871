#!/usr/bin/env python3
"""Predicted against measured over the example jobs, twice each: the second advice has seen the first run.

predicted.py BIN [ITEMS [EXAMPLE...]]     BIN: the built programs; lists longer than ITEMS (300) are cut to it.
Prints a table in Markdown. Run it on a machine without other work.
"""
import json
import os
import pathlib
import re
import shutil
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


def off(report):
    predicted, took = report["predicted"]["wall_seconds"]["p50"], report["measured"]["wall_seconds"]
    return max(predicted, took) / min(predicted, took)


def row(name, which, advice, report):
    measured, predicted = report["measured"], report["predicted"]
    wall = predicted["wall_seconds"]
    memory = (predicted["memory_per_node_bytes"] / MIB - RUNNER_MIB) / measured["workers"]
    tried = re.search(r"(\d+) items?", next((fact["origin"] for fact in advice["basis"] if fact["name"] == "item time"), ""))
    return (f"| {name} | {which} | {report['items']} | {measured['workers']} | {tried[1] if tried else '-'} | "
            f"{wall['p50']:.3g} ({wall['p95']:.3g}) | {measured['wall_seconds']:.3g} | {off(report):.2f} x | "
            f"{memory:.3g} | {measured['peak_rss_bytes'] / MIB:.3g} |")


def main():
    programs = pathlib.Path(sys.argv[1]).resolve()
    most = int(sys.argv[2]) if len(sys.argv) > 2 else 300
    print("| example | advice | items | workers | known from | predicted s (95 %) | took s | off | "
          "a worker, predicted MiB | largest item MiB |")
    print("|---|---|---|---|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory(prefix="amorsize-examples.") as base:
        tree = pathlib.Path(base)
        os.environ["AMORSIZE_HISTORY"] = str(tree / "history.sqlite")
        shutil.copytree(ROOT / "configs/examples", tree / "configs/examples")
        (tree / "build/release").mkdir(parents=True)
        (tree / "build/release/bin").symlink_to(programs)
        for manifest in sorted((tree / "configs/examples").glob("*/job.yaml")):
            if len(sys.argv) > 3 and manifest.parent.name not in sys.argv[3:]:
                continue
            shorten(manifest, most)
            for which in ("first", "second"):
                print(row(manifest.parent.name, which, *advise_and_run(programs, manifest.parent)), flush=True)


if __name__ == "__main__":
    main()
