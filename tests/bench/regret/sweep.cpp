#include "tests/bench/regret/sweep.hpp"

#include <algorithm>
#include <cmath>
#include <set>

namespace amorsize::arena {

namespace {

constexpr double kNever = std::numeric_limits<double>::infinity();
constexpr double kHeadroom = 0.2;
constexpr double kCoveringQuantile = 1.645;  // 95 % of the items' peaks
constexpr double kFirstPassSlack = 1.15;
constexpr std::size_t kRefined = 5;
constexpr double kJoblibBatch = 0.2;        // seconds a batch is grown to
constexpr double kJoblibDispatch = 1e-4;    // pickling, in the one process that hands out
constexpr double kGnuParallelStart = 3e-3;  // "3-10 ms per job", its manual

std::int64_t divide_up(std::int64_t dividend, std::int64_t divisor) {
    return (dividend + divisor - 1) / divisor;
}

/// 1, 2, 3, 4, 6, 8, 12, ... up to and with `most`.
std::vector<std::int64_t> chunk_sizes(std::int64_t most) {
    std::vector<std::int64_t> sizes;
    for (std::int64_t power = 1; power <= most; power *= 2) {
        sizes.push_back(power);
        if (power > 1 && power * 3 / 2 < most) sizes.push_back(power * 3 / 2);
    }
    if (sizes.back() < most) sizes.push_back(most);
    return sizes;
}

}  // namespace

Sweep::Sweep(const Case& one, std::vector<Realisation> truths)
    : case_(one), truths_(std::move(truths)) {}

double Sweep::mean_wall(const Job& job, const Choice& choice, double give_up) const {
    double sum = 0;
    const auto count = static_cast<double>(truths_.size());
    for (const Realisation& truth : truths_) {
        const Outcome outcome = run(case_.machine, job, truth, choice, give_up * count - sum);
        if (!(outcome.wall < kNever)) return kNever;
        sum += outcome.wall;
    }
    return sum / count;
}

Trial Sweep::timed(const Choice& choice) {
    const Trial trial{choice, mean_wall(case_.job, choice, kNever)};
    trials_.push_back(trial);
    least_ = std::min(least_, trial.wall);
    return trial;
}

std::map<std::string, Trial> Sweep::habits() {
    const Machine& machine = case_.machine;
    const std::int64_t items = case_.job.items;
    const int cores = machine.cores_of_node();
    const int threads = machine.threads_of_node();
    const auto quarter = divide_up(items, 4L * machine.nodes * cores);
    std::map<std::string, Trial> habits;
    habits["all threads"] = timed({machine.nodes, threads, 1, Schedule::fixed, 1, 0});
    habits["cores, N/4P"] = timed({machine.nodes, cores, 1, Schedule::fixed, quarter, 0});

    Job process_each = case_.job;  // neither keeps a worker alive between items
    if (process_each.worker_start.value > 0) process_each.mode = Mode::batch;
    Choice gnu{machine.nodes, threads, 1, Schedule::fixed, 1, kGnuParallelStart};
    habits["GNU parallel"] = {gnu, mean_wall(process_each, gnu, kNever)};

    Job pool = case_.job;
    if (pool.mode == Mode::batch) pool.mode = Mode::stream;
    const double batch = std::ceil(kJoblibBatch / case_.job.mean_seconds);
    const auto chunk = static_cast<std::int64_t>(std::clamp(
        batch, 1.0, static_cast<double>(divide_up(items, 1L * machine.nodes * threads))));
    Choice joblib{machine.nodes, threads, 1, Schedule::fixed, chunk, kJoblibDispatch};
    habits["joblib"] = {joblib, mean_wall(pool, joblib, kNever)};
    return habits;
}

int Sweep::most_workers() const {
    const Machine& machine = case_.machine;
    const double covering = std::exp(
        kCoveringQuantile * std::sqrt(std::log(1 + case_.job.peak_cv * case_.job.peak_cv)));
    double most = machine.threads_of_node();
    if (case_.job.cpu_share < 1)
        most = std::ceil(2 * machine.cores_of_node() / case_.job.cpu_share);
    if (case_.job.peak.value > 0) {
        const double room = machine.memory * (1 - kHeadroom) / case_.job.peak / covering;
        most = std::min(most, std::floor(room + 1e-9));
    }
    return static_cast<int>(std::max(1.0, std::min(most, static_cast<double>(case_.job.items))));
}

std::vector<int> Sweep::worker_counts(int nodes) const {
    const int most = most_workers();
    std::set<int> counts{most};
    for (int count = 1; count < most; count += std::max(1, count / 6)) counts.insert(count);
    for (std::int64_t rounds = 1; rounds <= 6; ++rounds) {
        counts.insert(static_cast<int>(
            std::min<std::int64_t>(most, divide_up(case_.job.items, rounds * nodes))));
    }
    counts.insert(std::min(most, case_.machine.cores_of_node()));
    return {counts.begin(), counts.end()};
}

void Sweep::consider(const Choice& choice, double slack) {
    const double wall = mean_wall(case_.job, choice, least_ * slack);
    if (wall == kNever) return;
    trials_.push_back({choice, wall});
    least_ = std::min(least_, wall);
}

void Sweep::consider_chunks(int nodes, int workers) {
    const std::int64_t most = divide_up(case_.job.items, std::int64_t{nodes} * workers);
    for (const std::int64_t chunk : chunk_sizes(most)) {
        consider({nodes, workers, 1, Schedule::fixed, chunk, 0}, 1);
        if (case_.job.mode != Mode::program && chunk > 1) {
            consider({nodes, workers, 1, Schedule::factoring, chunk, 0}, 1);
        }
    }
}

Trial Sweep::best() {
    const std::int64_t items = case_.job.items;
    const auto wanted = static_cast<std::int64_t>(std::max(1.0, 0.2 / case_.job.mean_seconds));
    const Schedule shrinking =
        case_.job.mode == Mode::program ? Schedule::fixed : Schedule::factoring;
    std::set<int> node_counts{case_.machine.nodes};
    for (int nodes = 1; nodes < case_.machine.nodes; nodes *= 2) node_counts.insert(nodes);
    for (auto nodes = node_counts.rbegin(); nodes != node_counts.rend(); ++nodes) {
        const std::vector<int> counts = worker_counts(*nodes);
        for (auto workers = counts.rbegin(); workers != counts.rend(); ++workers) {
            const std::int64_t all = std::int64_t{*nodes} * *workers;
            if (all > items && all > 1) continue;
            const std::int64_t half = divide_up(items, 2 * all);
            consider({*nodes, *workers, 1, shrinking, std::min(wanted, half), 0}, kFirstPassSlack);
            consider({*nodes, *workers, 1, Schedule::fixed, 1, 0}, kFirstPassSlack);
            consider({*nodes, *workers, 1, Schedule::fixed, divide_up(items, 4 * all), 0},
                     kFirstPassSlack);
        }
    }
    std::sort(trials_.begin(), trials_.end(),
              [](const Trial& a, const Trial& b) { return a.wall < b.wall; });
    std::set<std::pair<int, int>> refined;
    for (const Trial& trial : std::vector<Trial>(trials_)) {
        const std::pair layout(trial.choice.nodes, trial.choice.workers_per_node);
        if (refined.size() == kRefined) break;
        if (trial.wall < kNever && refined.insert(layout).second) {
            consider_chunks(layout.first, layout.second);
        }
    }
    return *std::min_element(trials_.begin(), trials_.end(),
                             [](const Trial& a, const Trial& b) { return a.wall < b.wall; });
}

Choice choice_of(const Advice& advice) {
    const Layout& layout = advice.plan->layout;
    return {layout.nodes,          layout.workers_per_node(),
            layout.ranks_per_node, layout.schedule,
            layout.chunk,          0};
}

}  // namespace amorsize::arena
