#!/usr/bin/env python3
"""The real arena: jobs run on this machine under our advice, beside a sweep of workers and chunks.

    real_arena.py BIN [--repeats 3] [--seconds 4] [--only NAME,NAME]

BIN holds amorsize-advise, amorsize-run, make_plan and arena_item. Every job takes about --seconds on
one core. Advice, sweep and GNU parallel take turns in random order, --repeats times; medians are
compared. The advice runs twice in each round: the ratio of its two medians, "noise", is what the
machine does to a comparison of equals. The machine should do nothing else.
"""
import argparse, json, math, os, random, shutil, statistics, subprocess, sys, tempfile, time

CORES = len(os.sched_getaffinity(0))
WIDEST = 16 * CORES


def lognormal(count, mean, cv):
    spread = math.sqrt(math.log(1 + cv * cv))
    drawn = random.Random(5)
    times = [math.exp(spread * drawn.gauss(0, 1)) for _ in range(count)]
    return [mean * count * one / sum(times) for one in times]


def jobs(seconds, unit):
    """name: (items, extra manifest lines, start-up seconds of a stream worker or None, most workers)"""
    def work(times):
        return [f"work={unit * one:.0f}" for one in times]

    few = max(2, CORES)
    triads = max(1, round(seconds / 24 / 0.045))
    memory = max(1, int(0.45 * available_memory() / 2**20))
    return {
        "skewed": (work(lognormal(60, seconds / 60, 1.5)), [], None, CORES),
        "rising cost": (work([seconds / 40 * (0.1 + 1.8 * i / 39) for i in range(40)]), [], None, CORES),
        "even": (work([seconds / 50] * 50), [], None, CORES),
        "bandwidth-bound": ([f"triad={triads}"] * 24, [], None, CORES),
        "waiting": ([f"wait={seconds / 80:.4f} work={unit * seconds / 4000:.0f}"] * 80, [], None, WIDEST),
        "mixed": ([f"wait={seconds / 120:.4f} work={unit * seconds / 120:.0f}"] * 60, [], None, WIDEST),
        "memory-limited": (work([seconds / 16] * 16), [f"resources: {{memory: {memory}MiB}}"], None, 1),
        "heavy start-up": (work([seconds / 60] * 60), [], seconds / 4, CORES),
        "tiny": (["work=200"] * 400, [], 0.0, CORES),
        "one item": (work([seconds / 3]), [], None, 1),
        "few items": (work([seconds / 4] * few), [], None, CORES),
    }


def available_memory():
    with open("/proc/meminfo") as info:
        return next(int(line.split()[1]) * 1024 for line in info if line.startswith("MemAvailable"))


def run(command, environment=None, timeout=300):
    begin = time.perf_counter()
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                          timeout=timeout, env=environment)
    took = time.perf_counter() - begin
    if done.returncode:
        sys.exit(f"{' '.join(command)}: exit code {done.returncode}\n{done.stderr[-2000:]}")
    return took, done.stdout


def worker_counts(most, items):
    counts, count = {1, min(most, items)}, 2
    while count < min(most, items):
        counts.add(count)
        count *= 2
    return sorted(counts)


def sweep(items, most, stream):
    """(workers, chunk, schedule); a process an item makes chunks matter little, so fewer are tried."""
    tried = set()
    for workers in worker_counts(most, items):
        share = -(-items // workers)
        chunks = {1, -(-items // (4 * workers))} | ({-(-share // 2), share} if stream else set())
        for chunk in chunks:
            tried.add((workers, chunk, "fixed"))
        if stream:
            tried.add((workers, max(1, share // 2), "factoring"))
    return sorted(tried)


class Job:
    def __init__(self, name, spec, args, unit):
        self.name = name.replace(" ", "-")
        self.items, extra, start, self.most = spec
        self.stream = start is not None
        self.bin = args.bin
        self.item = os.path.join(args.bin, "arena_item")
        with open(f"{self.name}.items", "w") as file:
            file.writelines(line + "\n" for line in self.items)
        command = [self.item, "--stream", str(unit * start)] if self.stream else [self.item, "{item}"]
        with open(f"{self.name}.yaml", "w") as file:
            file.write("\n".join(["amorsize: 1", f"name: {self.name}", f"command: {json.dumps(command)}",
                                  f"mode: {'stream' if self.stream else 'exec'}",
                                  f"items: {{file: {self.name}.items}}", *extra]) + "\n")

    def advise(self):
        took, out = run([f"{self.bin}/amorsize-advise", "--local", "--format", "json", f"{self.name}.yaml"])
        return took, json.loads(out)

    def plan(self, workers, chunk, schedule):
        plan = f"{self.name}.{workers}.{chunk}.{schedule}.plan.yaml"
        run([f"{self.bin}/make_plan", f"{self.name}.yaml", plan, "1", str(workers), str(chunk), schedule])
        return plan

    def timed(self, plan, workers):
        return run([f"{self.bin}/amorsize-run", plan, "--fresh", "--workers", str(workers)])[0]

    def gnu_parallel(self):
        return run(["parallel", "-a", f"{self.name}.items", self.item])[0]


def measure(job, repeats):
    sampling, advice = job.advise()
    layout = advice["layout"]
    ours = (f"{job.name}.plan.yaml", layout["workers"])
    plans = {choice: (job.plan(*choice), choice[0]) for choice in sweep(len(job.items), job.most, job.stream)}
    plans["advice"] = plans["advice again"] = ours
    if shutil.which("parallel") and not job.stream and job.most > 1:
        plans["GNU parallel"] = None
    times = {name: [] for name in plans}
    for _ in range(repeats):
        order = list(plans)
        random.shuffle(order)
        for name in order:
            times[name].append(job.gnu_parallel() if plans[name] is None else job.timed(*plans[name]))
    medians = {name: statistics.median(values) for name, values in times.items()}
    swept = {name: wall for name, wall in medians.items() if isinstance(name, tuple)}
    best = min(swept, key=swept.get)
    wall = statistics.median(times["advice"] + times["advice again"])
    least = min(wall, swept[best])
    predicted = advice["predicted"]["wall_seconds"]
    return {
        "verdict": advice["verdict"], "layout": layout, "best": best, "wall": wall, "least": least,
        "regret": wall / least, "with sampling": (wall + sampling) / least, "sampling": sampling,
        "noise": max(medians["advice"], medians["advice again"]) / min(medians["advice"], medians["advice again"]),
        "predicted": predicted["p50"] / wall, "p95": predicted["p95"],
        "all cores": min(v for k, v in swept.items() if k[0] == min(CORES, job.most, len(job.items))) / least,
        "GNU parallel": medians.get("GNU parallel", math.nan) / least,
    }


def report(results):
    print(f"{'job':<16} {'regret':>7} {'noise':>6} {'+sample':>8} {'GNU par.':>8} {'all cores':>9} {'p50/wall':>8}"
          f" {'wall':>8} {'advice':<22} best of the sweep")
    for name, one in results.items():
        layout = one["layout"]
        advice = f"{layout['workers']} x {layout['chunk']} {layout['schedule']}"
        print(f"{name:<16} {one['regret']:7.3f} {one['noise']:6.3f} {one['with sampling']:8.3f}"
              f" {one['GNU parallel']:8.3f} {one['all cores']:9.3f} {one['predicted']:8.3f} {one['wall']:7.2f}s {advice:<22}"
              f" {one['best'][0]} x {one['best'][1]} {one['best'][2]}")
    values = list(results.values())
    regrets = [one["regret"] for one in values]
    near = sum(abs(one["predicted"] - 1) <= 0.15 for one in values)
    print(f"regret: median {statistics.median(regrets):.3f}, worst {max(regrets):.3f}; with sampling:"
          f" median {statistics.median(one['with sampling'] for one in values):.3f};"
          f" p50 within 15 %: {near} of {len(values)}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("bin", type=os.path.abspath)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=4)
    parser.add_argument("--only", default="")
    args = parser.parse_args()
    random.seed(1)
    print(f"{CORES} cores, load {os.getloadavg()[0]:.1f}, {args.repeats} repeats, jobs of about {args.seconds:g} s")
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        unit = float(run([f"{args.bin}/arena_item", "--calibrate"])[1])
        results = {}
        for name, spec in jobs(args.seconds, unit).items():
            if args.only and name not in args.only.split(","):
                continue
            results[name] = measure(Job(name, spec, args, unit), args.repeats)
        report(results)


main()
