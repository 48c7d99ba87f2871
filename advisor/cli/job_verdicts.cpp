#include "advisor/cli/job_verdicts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <utility>

#include "advisor/core/text.hpp"
#include "slurm/spelling.hpp"

namespace amorsize::cli {

namespace {

using slurm::JobRecord;

constexpr double kMargin = 1.2;      // over a measured peak or run time in what is advised
constexpr double kLowMemory = 0.7;   // below this share of a request, a smaller one is advised
constexpr double kLowTime = 0.3;     // and of a time limit
constexpr double kLowCpu = 0.5;      // and of the CPUs granted
constexpr double kLowBalance = 0.8;  // mean over longest rank, below which it is named
constexpr double kLongItem = 0.5;    // of a rank's time in one item: no layout evens that out
constexpr int kSamplesToTrust = 2;   // looks at the memory, before a peak is believed

double hours(Seconds time) {
    return time.value / 3600;
}

/// Elements of an array as one job: the largest of what each took.
struct Together {
    JobRecord job;
    double busy_seconds = 0;
    double granted_seconds = 0;
    double wasted_cores = 0;
    double wasted_memory = 0;
};

Together together(const std::vector<JobRecord>& elements) {
    Together all{elements.front(), 0, 0, 0, 0};
    for (const JobRecord& element : elements) {
        all.job.elapsed = std::max(all.job.elapsed, element.elapsed);
        all.job.peak_per_node = std::max(all.job.peak_per_node, element.peak_per_node);
        all.job.requested_per_node =
            std::max(all.job.requested_per_node, element.requested_per_node);
        all.wasted_cores += wasted_core_hours(element);
        all.wasted_memory += wasted_gib_hours(element);
        if (!cpu_efficiency(element)) continue;
        all.busy_seconds += element.cpu_time->value;
        all.granted_seconds += element.elapsed.value * element.cpus;
    }
    return all;
}

std::vector<JobRecord> of_state(const std::vector<JobRecord>& elements, std::string_view state) {
    std::vector<JobRecord> found;
    std::copy_if(elements.begin(), elements.end(), std::back_inserter(found),
                 [&](const JobRecord& element) { return element.state == state; });
    return found;
}

std::string who(std::size_t some, std::size_t all) {
    return all == 1 ? "" : fmt::format("{} of {} elements: ", some, all);
}

Verdict grown_memory(const std::vector<JobRecord>& killed, std::size_t all) {
    const JobRecord job = together(killed).job;
    const Bytes asked = job.requested_per_node.value_or(Bytes{});
    const Bytes seen = job.peak_per_node.value_or(Bytes{});
    Verdict verdict{"memory", who(killed.size(), all) + "ran out of memory", "", "", ""};
    if (asked.value > 0) verdict.observation += fmt::format(" at {} a node", to_text(asked));
    if (seen.value > 0 && seen < asked) {
        verdict.consequence = fmt::format(
            "the {} accounted are too low: Slurm looks only every so often", to_text(seen));
    }
    if (const Bytes tried = std::max(asked, seen); tried.value > 0) {
        verdict.directive = "--mem=" + slurm::memory(slurm::mebibytes(tried * 2.0));
        verdict.reason = "double it once, then look at the peak of a run that ends";
    }
    return verdict;
}

Verdict grown_time(const std::vector<JobRecord>& ended, std::size_t all, const Evidence& evidence) {
    const JobRecord job = together(ended).job;
    Verdict verdict{"time", who(ended.size(), all) + "ended by the time limit", "", "", ""};
    if (!job.time_limit) return verdict;
    verdict.observation += " of " + to_text(*job.time_limit);
    verdict.directive = "--time=" + slurm::time_limit(*job.time_limit * 2.0);
    verdict.reason = "double it once; memory was not the matter";
    if (evidence.run && evidence.run->done > evidence.run->done_before) {
        const run::RunReport& run = *evidence.run;
        const double left = static_cast<double>(run.items - run.done - run.failed) /
                            static_cast<double>(run.done - run.done_before);
        verdict.directive =
            "--time=" + slurm::time_limit(std::max(Seconds{60}, run.wall * left * kMargin));
        verdict.reason = fmt::format(
            "the {} missing at the pace of this run + 20 %; submitted again, it takes up where it "
            "stopped",
            counted(run.items - run.done - run.failed, "item"));
    }
    return verdict;
}

/// Nothing in what was asked for is to blame for such an end.
std::string blameless(const std::string& state) {
    if (state == "NODE_FAIL" || state == "BOOT_FAIL") return "a node was lost";
    if (state == "PREEMPTED") return "it had to make way for another job";
    if (state == "CANCELLED" || state == "REVOKED") return "it was cancelled";
    if (state == "REQUEUED") return "it was put back into the queue";
    if (state == "DEADLINE") return "its deadline passed";
    return {};
}

Verdict on_end(const JobRecord& job) {
    if (const std::string why = blameless(job.state); !why.empty()) {
        return {"job", fmt::format("{}: {}", job.state, why),
                "its figures are of a part of its run", "", "nothing in the request is to blame"};
    }
    Verdict verdict{"job", job.state + ": it failed by itself",
                    "its figures are of a run that may have ended early", "",
                    "read its output before the request is changed"};
    const std::optional<double> used = memory_efficiency(job);
    if (used && *used > 0.95)
        verdict.consequence = "its peak was near the limit: memory may be why";
    return verdict;
}

/// The peak to believe: Slurm's if it looked often enough, or else the run's own.
std::optional<Bytes> trusted_peak(const JobRecord& job, const Evidence& evidence) {
    std::optional<Bytes> peak;
    if (job.elapsed >= evidence.sampling * kSamplesToTrust) peak = job.peak_per_node;
    if (evidence.run) {
        const Bytes own = run::memory_of_fullest_node(*evidence.run);
        if (own.value > 0) peak = std::max(own, job.peak_per_node.value_or(Bytes{}));
    }
    return peak;
}

/// Whether the plan asked for it, knowing that it would need far less: the memory that belongs to
/// the cores it takes (request_node_memory).
bool planned_share(const Evidence& evidence, Bytes asked) {
    if (!evidence.plan) return false;
    const Plan& plan = evidence.plan->plan;
    return slurm::mebibytes(asked) == plan.request.mem_mib_per_node &&
           plan.predicted.memory_per_node / asked < kLowMemory;
}

void judge_memory(const Together& all, const Evidence& evidence, std::vector<Verdict>& verdicts) {
    const JobRecord& job = all.job;
    const std::optional<Bytes> peak = trusted_peak(job, evidence);
    if (!peak) {
        verdicts.push_back({"memory",
                            job.peak_per_node
                                ? fmt::format("ran for {}, too short for Slurm's looks every {}",
                                              to_text(job.elapsed), to_text(evidence.sampling))
                                : "no peak was accounted",
                            "", "", "nothing can be said about --mem"});
        return;
    }
    if (!job.requested_per_node) return;
    const Bytes asked = *job.requested_per_node;
    if (*peak > asked) {
        verdicts.push_back(
            {"memory",
             fmt::format("up to {} a node used, {} asked for", to_text(*peak), to_text(asked)),
             "tasks' peaks are added as if all came at once", "",
             "it ended well: nothing to change"});
    } else if (*peak / asked < kLowMemory &&
               slurm::mebibytes(*peak * kMargin) < slurm::mebibytes(asked)) {
        const bool array = all.job.id.find('_') != std::string::npos;
        const double idle = (asked - *peak) / kGiB * job.nodes * hours(job.elapsed);
        Verdict verdict{
            "memory", fmt::format("{} of {} a node used", to_text(*peak), to_text(asked)),
            fmt::format("{} idle{} for {} = {} GiB h", to_text(asked - *peak),
                        job.nodes > 1 ? fmt::format(" on each of {} nodes", job.nodes) : "",
                        to_text(job.elapsed), to_text(array ? all.wasted_memory : idle)),
            "--mem=" + slurm::memory(slurm::mebibytes(*peak * kMargin)), "measured peak + 20 %"};
        if (planned_share(evidence, asked)) {
            verdict.reason = fmt::format(
                "nothing to change: the plan asks for what belongs to the cores it takes; {} would "
                "do where memory is what is short",
                std::exchange(verdict.directive, ""));
        }
        verdicts.push_back(verdict);
    }
}

void judge_time(const JobRecord& job, std::vector<Verdict>& verdicts) {
    if (!job.time_limit || job.elapsed.value >= job.time_limit->value * kLowTime) return;
    const std::string shorter = slurm::time_limit(std::max(Seconds{60}, job.elapsed * kMargin));
    if (shorter == slurm::time_limit(*job.time_limit)) return;
    verdicts.push_back(
        {"time", fmt::format("{} of {} used", to_text(job.elapsed), to_text(*job.time_limit)),
         "a shorter limit fits gaps in the queue and starts sooner", "--time=" + shorter,
         "measured time + 20 %, whole minutes"});
}

void judge_cpus(const Together& all, const Evidence& evidence, std::vector<Verdict>& verdicts) {
    const JobRecord& job = all.job;
    if (all.granted_seconds <= 0 || job.cpus < 2) return;
    const double busy = all.busy_seconds / all.granted_seconds;
    if (busy >= kLowCpu) return;
    Verdict verdict{
        "cpus", fmt::format("{} of {} CPUs busy on average", to_text(busy * job.cpus), job.cpus),
        core_hours_text(all.wasted_cores) + " idle", "", ""};
    const int per_task = job.cpus / job.tasks;
    const int used = std::max(1, static_cast<int>(std::ceil(busy * per_task)));
    if (evidence.plan) {
        verdict.reason = "the plan set the layout: ask amorsize-advise again";
    } else if (job.nodes == 1 && used < per_task) {
        verdict.directive = fmt::format("--cpus-per-task={}", used);
        verdict.reason =
            fmt::format("measured CPU time over the time of {}", counted(job.tasks, "task"));
    } else {
        verdict.reason = "tasks wait, or are unevenly loaded: which, accounting cannot tell";
    }
    verdicts.push_back(verdict);
}

void judge_balance(const JobRecord& job, const Evidence& evidence, std::vector<Verdict>& verdicts) {
    if (evidence.run && evidence.run->ranks.size() > 1) {
        const run::RunReport& run = *evidence.run;
        const double even = run::balance(run);
        if (even >= kLowBalance) return;
        const double longest = run::largest(run, &run::RankFigures::seconds);
        const double item = run::largest(run, &run::RankFigures::longest);
        const bool one_item = item > kLongItem * longest;
        verdicts.push_back(
            {"balance",
             fmt::format("ranks were at work for {} of the longest one's time on average",
                         to_text(Fraction{even})),
             one_item ? fmt::format("one item took {} of {}", to_text(Seconds{item}),
                                    to_text(Seconds{longest}))
                      : "the others waited for it",
             "",
             one_item ? "split that item, or take fewer ranks"
                      : "ask amorsize-advise again, with samples of this run"});
    } else if (job.task_balance && job.task_balance->value < kLowBalance) {
        verdicts.push_back({"balance",
                            fmt::format("tasks used {} of the busiest one's CPU time on average",
                                        to_text(*job.task_balance)),
                            "the others waited for it", "", "the program shares out its work"});
    }
}

/// Workers that the ranks of the run could start against those planned.
void judge_binding(const Evidence& evidence, std::vector<Verdict>& verdicts) {
    if (!evidence.plan || !evidence.run) return;
    const Plan& plan = evidence.plan->plan;
    const int ran = run::sum(*evidence.run, &run::RankFigures::workers);
    if (ran == plan.layout.workers) return;
    const bool ranks_differ =
        evidence.run->ranks.size() != static_cast<std::size_t>(plan.layout.ranks());
    verdicts.push_back(
        {"binding",
         fmt::format("{} ran in {}; {} in {} were planned", counted(ran, "worker"),
                     counted(static_cast<std::int64_t>(evidence.run->ranks.size()), "rank"),
                     plan.layout.workers, plan.layout.ranks()),
         ran < plan.layout.workers ? "the ranks had fewer CPUs or less memory than planned" : "",
         ranks_differ ? fmt::format("--ntasks={}", plan.request.ntasks)
                      : fmt::format("--cpus-per-task={}", plan.request.cpus_per_task),
         "as the plan asks"});
}

}  // namespace

std::string sentence(const Verdict& verdict) {
    std::string text = verdict.subject + ": " + verdict.observation;
    if (!verdict.consequence.empty()) text += "; " + verdict.consequence;
    if (!verdict.directive.empty()) {
        text += "; set " + verdict.directive;
        if (!verdict.reason.empty()) text += " (" + verdict.reason + ")";
    } else if (!verdict.reason.empty()) {
        text += "; " + verdict.reason;
    }
    return text;
}

std::optional<double> cpu_efficiency(const JobRecord& job) {
    const double granted = job.elapsed.value * job.cpus;
    if (!job.ended() || !job.cpu_time || granted <= 0) return {};
    if (job.cpu_time->value <= 0 && job.steps == 0) return {};
    return job.cpu_time->value / granted;
}

std::optional<double> memory_efficiency(const JobRecord& job) {
    if (!job.ended() || !job.peak_per_node || !job.requested_per_node) return {};
    return *job.peak_per_node / *job.requested_per_node;
}

double wasted_core_hours(const JobRecord& job) {
    const std::optional<double> busy = cpu_efficiency(job);
    return busy ? std::max(0.0, 1 - *busy) * job.cpus * hours(job.elapsed) : 0;
}

double wasted_gib_hours(const JobRecord& job) {
    if (!memory_efficiency(job)) return 0;
    const double spare = (*job.requested_per_node - *job.peak_per_node) / kGiB;
    return std::max(0.0, spare) * job.nodes * hours(job.elapsed);
}

std::vector<Verdict> judge(const std::vector<JobRecord>& elements, const Evidence& evidence) {
    std::vector<Verdict> verdicts;
    const auto killed = of_state(elements, "OUT_OF_MEMORY");
    const auto timed_out = of_state(elements, "TIMEOUT");
    if (!killed.empty()) verdicts.push_back(grown_memory(killed, elements.size()));
    if (!timed_out.empty()) {
        verdicts.push_back(grown_time(timed_out, elements.size(), evidence));
    }
    if (!verdicts.empty()) return verdicts;

    for (const JobRecord& element : elements) {
        if (element.ended()) continue;
        const bool waits = element.state == "PENDING";
        return {{"job", waits ? "it has not started" : "it has not ended",
                 waits ? "" : "memory and CPU time are known at the end (until then: sstat)", "",
                 "nothing to change yet"}};
    }
    const auto completed = of_state(elements, "COMPLETED");
    for (const JobRecord& element : elements) {
        if (element.succeeded()) continue;
        verdicts.push_back(on_end(element));
        const bool to_blame = blameless(element.state).empty();
        if (to_blame || completed.empty()) return {verdicts.back()};
    }
    const Together all = together(completed);
    judge_memory(all, evidence, verdicts);
    judge_time(all.job, verdicts);
    judge_cpus(all, evidence, verdicts);
    judge_balance(all.job, evidence, verdicts);
    judge_binding(evidence, verdicts);
    if (verdicts.empty())
        verdicts.push_back({"job", "what was asked for fits what was used", "", "", ""});
    return verdicts;
}

}  // namespace amorsize::cli
