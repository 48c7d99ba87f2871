#!/usr/bin/env python3
"""Asks for advice on a shipped example and checks what the example's comment promises.

promises.py ADVISOR configs/examples/NAME/job.yaml
"""
import json
import os
import pathlib
import subprocess
import sys


def skip(why):
    print(f"SKIPPED: {why}")
    sys.exit(77)


def physical_cores():
    """Cores this process may use: hardware threads that share a core count once."""
    def siblings(cpu):
        path = pathlib.Path(f"/sys/devices/system/cpu/cpu{cpu}/topology/thread_siblings_list")
        return path.read_text().strip() if path.exists() else str(cpu)
    return len({siblings(cpu) for cpu in os.sched_getaffinity(0)})


def advise(advisor, manifest):
    command = [advisor, "--local", "--dry-run", "--format", "json", str(manifest)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=150)
    sys.stderr.write(done.stderr)
    assert done.returncode == 0, f"exit code {done.returncode}"
    return json.loads(done.stdout)


def workers(advice):
    return sum(rank["workers"] for rank in advice["ranks"])


def codes(advice):
    return {note["code"] for note in advice["reasons"] + advice["warnings"]}


def spread_over_cores(advice, cores):
    if cores == 1:
        skip("one core: nothing to spread over")
    assert advice["verdict"] == "parallel"
    assert workers(advice) == cores
    assert advice["predicted"]["speedup"] > 0.7 * cores


def compress(advice, cores):
    if cores == 1:
        skip("one core: nothing to spread over")
    assert advice["verdict"] == "parallel"
    assert workers(advice) == cores


def memory_hungry(advice, cores):
    assert "memory_ceiling" in codes(advice)
    if cores == 1:
        skip("one core: no fewer workers are possible")
    assert workers(advice) < cores
    assert advice["verdict"] == ("parallel" if cores > 2 else "serial")


def waiting(advice, cores):
    assert advice["verdict"] == "parallel"
    assert workers(advice) > cores
    assert "items_wait" in codes(advice)


def tiny(advice, _):
    assert advice["verdict"] == "serial"


def uneven(advice, cores):
    if cores == 1:
        skip("one core: nothing to spread over")
    assert advice["verdict"] == "parallel"
    assert advice["layout"]["chunk"] < 200 / cores
    assert "samples_trend" in codes(advice)


PROMISES = {
    "monte-carlo": spread_over_cores, "compress": compress, "memory-hungry": memory_hungry,
    "waiting": waiting, "tiny": tiny, "uneven": uneven,
}


def main(advisor, manifest):
    manifest = pathlib.Path(manifest)
    program = manifest.parent / "../../../build/release/bin/examples"
    if "build/release" in manifest.read_text() and not program.exists():
        skip("the examples' programs are built by the release preset")
    folder_before = sorted(manifest.parent.iterdir())
    advice = advise(advisor, manifest)
    try:
        PROMISES[manifest.parent.name](advice, physical_cores())
    except AssertionError:
        print(json.dumps(advice, indent=1))
        raise
    assert sorted(manifest.parent.iterdir()) == folder_before, "the advice left files behind"


if __name__ == "__main__":
    main(*sys.argv[1:])
