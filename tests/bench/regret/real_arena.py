#!/usr/bin/env python3
"""The real arena: jobs run on this machine under our advice, beside a sweep of workers and chunks.

    real_arena.py BIN [--repeats 3] [--seconds 4] [--long 50] [--only NAME,NAME]

BIN holds amorsize-advise, amorsize-run, make_plan and arena_item. Every job takes about --seconds on
one core. Advice, sweep and what people do without advice (every hardware thread, an item at a time;
every core, chunks of N / 4P; GNU parallel; joblib's batches of 0.2 s, run by amorsize-run) take turns in
random order, --repeats times; medians are compared. The advice runs twice in each round: the ratio
of its two medians, "noise", is what the machine does to a comparison of equals.

What sampling costs is told by longer jobs: of --long seconds on one core (0: none), each run under its advice
from the start, from where the sample left off (sample.reuse), and under the best of the sweep; those that then
take 20 s or more count. "+sample" is sampling and the rest of the run, "again" sampling and the whole run.

A difference below 50 ms counts as none, of the wall times and of a prediction, as in the simulated arena.

The node is measured before the first job, as it is once a boot. The machine should do nothing else.
"""
import argparse, json, math, os, random, shutil, statistics, subprocess, sys, tempfile, time

THREADS = len(os.sched_getaffinity(0))


def physical_cores():
    def core_of(cpu):
        with open(f"/sys/devices/system/cpu/cpu{cpu}/topology/thread_siblings_list") as siblings:
            return siblings.read()
    return len({core_of(cpu) for cpu in os.sched_getaffinity(0)})


CORES = physical_cores()
WIDEST = 16 * CORES
UNSEEN = 0.05  # seconds that nobody notices: a difference below counts as none
LONG_WALL = 20  # seconds from which on a job tells what sampling costs
JOBLIB_BATCH = 0.2  # seconds
HABITS = ["all threads", "cores, N/4P", "GNU parallel", "joblib"]


def lognormal(count, mean, cv):
    spread = math.sqrt(math.log(1 + cv * cv))
    drawn = random.Random(5)
    times = [math.exp(spread * drawn.gauss(0, 1)) for _ in range(count)]
    return [mean * count * one / sum(times) for one in times]


def jobs(seconds, unit):
    """name: (items, extra manifest lines, start-up seconds of a stream worker or None, most workers,
    seconds of one item). Waiting items may run beside each other; of memory-limited ones one fits, by the
    manifest's word."""
    def work(times):
        return [f"work={unit * one:.0f}" for one in times]

    few = max(2, CORES)
    triads = max(1, round(seconds / 24 / 0.045))
    memory = max(1, int(0.45 * available_memory() / 2**20))
    return {
        "skewed": (work(lognormal(60, seconds / 60, 1.5)), [], None, CORES, seconds / 60),
        "rising cost": (work([seconds / 40 * (0.1 + 1.8 * i / 39) for i in range(40)]), [], None, CORES, seconds / 40),
        "even": (work([seconds / 50] * 50), [], None, CORES, seconds / 50),
        "bandwidth-bound": ([f"triad={triads}"] * 24, [], None, CORES, seconds / 24),
        "waiting": ([f"wait={seconds / 80:.4f} work={unit * seconds / 4000:.0f}"] * 80, [], None, WIDEST, seconds / 78),
        "mixed": ([f"wait={seconds / 120:.4f} work={unit * seconds / 120:.0f}"] * 60, [], None, WIDEST, seconds / 60),
        "memory-limited": (work([seconds / 16] * 16), [f"resources: {{memory: {memory}MiB}}"], None, 1, seconds / 16),
        "heavy start-up": (work([seconds / 60] * 60), [], seconds / 4, CORES, seconds / 60),
        "tiny": (["work=200"] * 400, [], 0.0, CORES, 200 / unit),
        "one item": (work([seconds / 3]), [], None, 1, seconds / 3),
        "few items": (work([seconds / 4] * few), [], None, CORES, seconds / 4),
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


def habits(count, item_seconds):
    """What people do without advice, as (workers, chunk, schedule)."""
    threads, cores = min(THREADS, count), min(CORES, count)
    batch = max(1, min(math.ceil(JOBLIB_BATCH / item_seconds), -(-count // threads)))
    return {"all threads": (threads, 1, "fixed"), "cores, N/4P": (cores, -(-count // (4 * cores)), "fixed"),
            "joblib": (threads, batch, "fixed")}


class Job:
    def __init__(self, name, spec, args, unit, reuse=False):
        self.name = name.replace(" ", "-")
        self.items, extra, start, self.most, self.item_seconds = spec
        self.stream = start is not None
        self.bin = args.bin
        self.item = os.path.join(args.bin, "arena_item")
        with open(f"{self.name}.items", "w") as file:
            file.writelines(line + "\n" for line in self.items)
        command = [self.item, "--stream", str(unit * start)] if self.stream else [self.item, "{item}"]
        self.one_by_one = f"echo {{}} | {self.item} --stream {unit * start}" if self.stream else f"{self.item} {{}}"
        with open(f"{self.name}.yaml", "w") as file:
            file.write("\n".join(["amorsize: 1", f"name: {self.name}", f"command: {json.dumps(command)}",
                                  f"mode: {'stream' if self.stream else 'exec'}",
                                  f"items: {{file: {self.name}.items}}", f"sample: {{reuse: {str(reuse).lower()}}}",
                                  *extra]) + "\n")

    def advise(self):
        took, out = run([f"{self.bin}/amorsize-advise", "--local", "--format", "json", f"{self.name}.yaml"])
        return took, json.loads(out)

    def plan(self, workers, chunk, schedule):
        plan = f"{self.name}.{workers}.{chunk}.{schedule}.plan.yaml"
        run([f"{self.bin}/make_plan", f"{self.name}.yaml", plan, "1", str(workers), str(chunk), schedule])
        return plan

    def timed(self, plan, workers):
        return run([f"{self.bin}/amorsize-run", plan, "--fresh", "--workers", str(workers)])[0]

    def timed_rest(self, plan):
        return run([f"{self.bin}/amorsize-run", plan])[0]

    def gnu_parallel(self):
        return run(["parallel", "-a", f"{self.name}.items", self.one_by_one])[0]


def regret(wall, least):
    return 1 if abs(wall - least) < UNSEEN else wall / least


def measure(job, repeats):
    sampling, advice = job.advise()
    layout = advice["layout"]
    choices = sweep(len(job.items), job.most, job.stream)
    plans = {choice: (job.plan(*choice), choice[0]) for choice in choices}
    plans["advice"] = plans["advice again"] = (f"{job.name}.plan.yaml", layout["workers"])
    for habit, choice in habits(len(job.items), job.item_seconds).items():
        plans[habit] = plans[choice] if choice in plans else (job.plan(*choice), choice[0])
    if shutil.which("parallel"):
        plans["GNU parallel"] = None
    times = {name: [] for name in plans}
    for _ in range(repeats):
        order = list(plans)
        random.shuffle(order)
        for name in order:
            times[name].append(job.gnu_parallel() if plans[name] is None else job.timed(*plans[name]))
    medians = {name: statistics.median(values) for name, values in times.items()}
    best = min(choices, key=medians.get)
    wall = statistics.median(times["advice"] + times["advice again"])
    least = min(wall, medians[best])
    again = medians["advice"] / medians["advice again"]
    return {
        "layout": layout, "best": best, "wall": wall, "regret": regret(wall, least),
        "with sampling": (wall + sampling) / least, "noise": max(again, 1 / again),
        "predicted": advice["predicted"]["wall_seconds"]["p50"] / wall,
        **{name: regret(medians.get(name, math.nan), least) for name in HABITS},
    }


def measure_long(job, best):
    """The cost of sampling where the job is long enough for it; None where it turns out short."""
    sampling, advice = job.advise()
    plan = f"{job.name}.plan.yaml"
    rest = job.timed_rest(plan)
    if sampling + rest < LONG_WALL:
        return None
    wall = job.timed(plan, advice["layout"]["workers"])
    least = min(wall, job.timed(job.plan(*best), best[0]))
    return {"wall": wall, "regret": regret(wall, least), "with sampling": (sampling + rest) / least,
            "again": (sampling + wall) / least, "predicted": advice["predicted"]["wall_seconds"]["p50"] / wall}


def report(results):
    print(f"{'job':<16} {'regret':>7} {'noise':>6} {'+sample':>8}" + "".join(f" {name:>12}" for name in HABITS)
          + f" {'p50/wall':>8} {'wall':>8} {'advice':<22} best of the sweep")
    for name, one in results.items():
        layout = one["layout"]
        advice = f"{layout['workers']} x {layout['chunk']} {layout['schedule']}"
        print(f"{name:<16} {one['regret']:7.3f} {one['noise']:6.3f} {one['with sampling']:8.3f}"
              + "".join(f" {one[habit]:12.3f}" for habit in HABITS)
              + f" {one['predicted']:8.3f} {one['wall']:7.2f}s {advice:<22}"
              f" {one['best'][0]} x {one['best'][1]} {one['best'][2]}")
    summarise(list(results.values()))


def report_long(results):
    print(f"\njobs of {LONG_WALL} s and more")
    print(f"{'job':<16} {'regret':>7} {'+sample':>8} {'again':>7} {'p50/wall':>8} {'wall':>8}")
    for name, one in results.items():
        print(f"{name:<16} {one['regret']:7.3f} {one['with sampling']:8.3f} {one['again']:7.3f} {one['predicted']:8.3f}"
              f" {one['wall']:7.2f}s")
    summarise(list(results.values()))


def is_near(predicted, wall):
    return abs(math.log(predicted)) <= math.log(1.15) or abs(predicted - 1) * wall < UNSEEN


def summarise(values):
    regrets = [one["regret"] for one in values]
    near = sum(is_near(one["predicted"], one["wall"]) for one in values)
    print(f"regret: median {statistics.median(regrets):.3f}, worst {max(regrets):.3f}; with sampling:"
          f" median {statistics.median(one['with sampling'] for one in values):.3f};"
          f" p50 within 15 %: {near} of {len(values)}", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("bin", type=os.path.abspath)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=4)
    parser.add_argument("--long", type=float, default=50)
    parser.add_argument("--only", default="")
    args = parser.parse_args()
    random.seed(1)
    os.environ["AMORSIZE_HISTORY"] = ""  # every advice is a first one
    print(f"{CORES} cores, {THREADS} hardware threads, load {os.getloadavg()[0]:.1f}, {args.repeats} repeats,"
          f" jobs of about {args.seconds:g} s", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        unit = float(run([f"{args.bin}/arena_item", "--calibrate"])[1])
        wanted = args.only.split(",") if args.only else list(jobs(args.seconds, unit))
        Job("warm up", (["work=1"] * 2, [], None, 1, 1), args, unit).advise()
        results, long_results = {}, {}
        for name, spec in jobs(args.seconds, unit).items():
            if name in wanted:
                results[name] = measure(Job(name, spec, args, unit), args.repeats)
        report(results)
        for name, spec in jobs(args.long, unit).items() if args.long else ():
            if name in wanted and name != "tiny":
                one = measure_long(Job(f"long {name}", spec, args, unit, reuse=True), results[name]["best"])
                if one:
                    long_results[name] = one
        if long_results:
            report_long(long_results)


if __name__ == "__main__":
    main()
