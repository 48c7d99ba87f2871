#!/usr/bin/env python3
"""The arena of a real Slurm: jobs of several nodes under our advice, beside a sweep of nodes and workers.

    eval "$(tests/cluster/cluster.sh env)"; cd the cluster's shared folder
    cluster_arena.py BIN [--repeats 3] [--only NAME,NAME]

The nodes of the test cluster share one machine's cores, so that only items that wait tell the truth about
several nodes: these jobs do little else. Once all are advised, one allocation of every node serves the runs, so that
no wait in the queue counts; the step's launch does. Advice, its repetition and the sweep take turns in random order;
medians are compared.

A difference below 50 ms counts as none, as in the other arenas.
"""
import argparse, json, os, random, re, statistics, subprocess, sys, tempfile

from real_arena import lognormal, regret, run

NODES = [1, 2, 4]
WORKERS = [2, 4, 8, 16, 32, 64]  # a node


def jobs():
    """name: seconds that each item waits."""
    return {
        "waiting": [0.2] * 160,
        "skewed": lognormal(120, 0.25, 1.5),
        "short": [0.02] * 60,
        "few": [2.0] * 6,
    }


class Allocation:
    """All nodes, held until the end."""
    def __init__(self):
        held = subprocess.run(["salloc", f"--nodes={NODES[-1]}", "--exclusive", "--mem=0", "--no-shell",
                               "--time=01:00:00"],
                              capture_output=True, text=True, timeout=120)
        found = re.search(r"Granted job allocation (\d+)", held.stderr)
        if not found:
            sys.exit(f"salloc: {held.stderr}")
        self.job = found[1]

    def step(self, arguments):
        """Seconds that srun took."""
        return run(["srun", f"--jobid={self.job}", *arguments])[0]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        subprocess.run(["scancel", self.job], check=False, timeout=60)


class Job:
    def __init__(self, name, waits, binaries):
        self.name, self.count, self.bin = name, len(waits), binaries
        item = os.path.join(binaries, "arena_item")
        with open(f"{name}.items", "w") as file:
            file.writelines(f"wait={seconds:.4f}\n" for seconds in waits)
        with open(f"{name}.yaml", "w") as file:
            file.write(f"amorsize: 1\nname: {name}\ncommand: {json.dumps([item, '{item}'])}\n"
                       f"items: {{file: {name}.items}}\n")

        self.advice = json.loads(run([f"{binaries}/amorsize-advise", "--format", "json", f"{name}.yaml"])[1])

    def advised(self):
        """The advice's own launch, started over and not resumed; unbound, for the allocation has a shape of its own."""
        own = [word for word in self.advice["launch"]["srun"][1:] if not word.startswith("--cpu-bind")]
        return own + ["--fresh"]

    def swept(self, nodes, workers):
        plan = f"{self.name}.{nodes}.{workers}.plan.yaml"
        run([f"{self.bin}/make_plan", f"{self.name}.yaml", plan, str(nodes), str(workers), "1", "fixed", "1"])
        return [f"--nodes={nodes}", f"--ntasks={nodes}", "--ntasks-per-node=1", "--cpus-per-task=1",
                f"{self.bin}/amorsize-run", os.path.abspath(plan), "--fresh", "--workers", str(workers)]


def measure(job, allocation, repeats):
    choices = [(nodes, workers) for nodes in NODES for workers in WORKERS if nodes * workers < 2 * job.count]
    steps = {choice: job.swept(*choice) for choice in choices}
    steps["advice"] = steps["advice again"] = job.advised()
    times = {name: [] for name in steps}
    for _ in range(repeats):
        order = list(steps)
        random.shuffle(order)
        for name in order:
            times[name].append(allocation.step(steps[name]))
    medians = {name: statistics.median(values) for name, values in times.items()}
    best = min(choices, key=medians.get)
    wall = statistics.median(times["advice"] + times["advice again"])
    return wall, best, regret(wall, min(wall, medians[best])), medians


def report(job, wall, best, lost, medians):
    layout = job.advice["layout"]
    again = medians["advice"] / medians["advice again"]
    advised = f"{layout['nodes']} nodes, {layout['workers']} workers"
    print(f"{job.name:<10} {lost:7.3f} {max(again, 1 / again):6.3f}"
          f" {job.advice['predicted']['wall_seconds']['p50'] / wall:8.3f} {wall:7.2f}s {advised:<22}"
          f" {best[0]} nodes, {best[0] * best[1]} workers ({medians[best]:.2f}s)", flush=True)
    return lost


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("bin", type=os.path.abspath)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--only", default="")
    args = parser.parse_args()
    random.seed(1)
    os.environ["AMORSIZE_HISTORY"] = ""  # every advice is a first one
    wanted = args.only.split(",") if args.only else list(jobs())
    print(f"load {os.getloadavg()[0]:.1f}, {args.repeats} repeats")
    print(f"{'job':<10} {'regret':>7} {'noise':>6} {'p50/wall':>8} {'wall':>8} {'advice':<22} best of the sweep")
    here = os.getcwd()
    with tempfile.TemporaryDirectory(dir=here) as folder:
        os.chdir(folder)
        try:
            asked_for = [Job(name, jobs()[name], args.bin) for name in wanted]
            with Allocation() as allocation:
                regrets = [report(job, *measure(job, allocation, args.repeats)) for job in asked_for]
        finally:
            os.chdir(here)
    print(f"regret: median {statistics.median(regrets):.3f}, worst {max(regrets):.3f}")


main()
