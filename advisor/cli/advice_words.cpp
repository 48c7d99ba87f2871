#include "advisor/cli/advice_words.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "advisor/core/chunking.hpp"
#include "advisor/core/text.hpp"

namespace amorsize::cli {

namespace {

constexpr std::size_t kCommandWidth = 60;

std::string shortened(const Command& command) {
    std::string words = printable(fmt::format("{}", fmt::join(command.argv, " ")));
    if (words.size() > kCommandWidth) words = words.substr(0, kCommandWidth - 3) + "...";
    return words;
}

std::string chunks(const Plan& plan, std::int64_t items) {
    const Layout& layout = plan.layout;
    if (layout.chunk == 1) return "items one by one";
    const ChunkSequence sequence(layout.schedule, items, layout.workers, layout.chunk);
    const std::int64_t last = sequence[sequence.count() - 1].size();
    if (layout.schedule == Schedule::fixed)
        return fmt::format("chunks of {}", to_text(layout.chunk));
    return fmt::format("chunks by factoring (first {}, last {})", to_text(sequence[0].size()),
                       to_text(last));
}

std::string layout_row(const Plan& plan, std::int64_t items) {
    const Layout& layout = plan.layout;
    if (const auto& array = plan.request.array) {
        return fmt::format(
            "array of {}, {} at once: each {}, {} x {}", counted(array->elements, "job"),
            array->at_once, counted(array->items_each, "item"),
            counted(layout.ranks_per_node, "rank"), counted(layout.workers_per_rank, "worker"));
    }
    const bool even = layout.ranks() * layout.workers_per_rank == layout.workers;
    const std::string ranks = fmt::format(
        "{} x {} x {}{}", counted(layout.nodes, "node"), counted(layout.ranks_per_node, "rank"),
        even ? "" : "up to ", counted(layout.workers_per_rank, "worker"));
    return fmt::format("{} = {}, {}", ranks, counted(layout.workers, "worker"),
                       chunks(plan, items));
}

/// For `kind: mpi`: ranks are what it runs as.
std::string ranks_row(const Plan& plan) {
    const Layout& layout = plan.layout;
    return fmt::format("{} x {} = {} of {}", counted(layout.nodes, "node"),
                       counted(layout.ranks_per_node, "rank"), counted(layout.ranks(), "rank"),
                       counted(layout.cpus_per_worker, "thread"));
}

const char* why_serial(const Advice& advice) {
    for (const Reason& reason : advice.reasons) {
        const auto* ceiling = std::get_if<reason::MemoryCeiling>(&reason);
        if (ceiling != nullptr && ceiling->ceiling == 1) return "only one fits the memory";
        if (std::holds_alternative<reason::NothingToSplit>(reason)) return "there is only one item";
    }
    return "running side by side would not pay";
}

Saying verdict_of(const Manifest& manifest, std::int64_t items, const Advice& advice) {
    if (!advice.plan) return {"infeasible", "nothing fits"};
    const bool serial = advice.verdict == Verdict::serial;
    const char* label = serial ? "serial" : "parallel";
    if (manifest.kind == JobKind::mpi) return {label, ranks_row(*advice.plan)};
    if (!serial) return {label, layout_row(*advice.plan, items)};
    return {label, fmt::format("one worker, items one after another: {}", why_serial(advice))};
}

std::string time_words(const Manifest& manifest, const Advice& advice) {
    const Prediction& predicted = advice.plan->predicted;
    std::string time = fmt::format("{} expected, {} at 95 %", to_text(predicted.wall.p50),
                                   to_text(predicted.wall.p95));
    if (manifest.kind == JobKind::mpi) return time + ", if it runs as the run known did";
    if (advice.verdict == Verdict::serial) return time;
    return time + fmt::format(" (one core: {}, so {} x)", to_text(predicted.serial),
                              to_text(predicted.speedup.value_or(1)));
}

std::string cost_words(const Prediction& predicted) {
    std::string cost = core_hours_text(predicted.core_hours);
    if (!predicted.busy) return cost;
    return cost + fmt::format(", {} of them working", to_text(*predicted.busy));
}

/// The directives a reader weighs; name, folder and pass-through options are in the script.
std::vector<std::string> resource_directives(const std::vector<std::string>& all) {
    std::vector<std::string> some;
    for (const std::string& directive : all) {
        const bool resource =
            directive.starts_with("--nodes=") || directive.starts_with("--ntasks-per-node=") ||
            directive.starts_with("--cpus-per-task=") || directive.starts_with("--mem=") ||
            directive.starts_with("--time=") || directive.starts_with("--array=") ||
            directive.starts_with("--gpus-per-task=") || directive.starts_with("--partition=") ||
            directive.starts_with("--constraint=");
        if (resource) some.push_back(directive);
    }
    return some;
}

}  // namespace

std::string title_of(const Manifest& manifest, std::int64_t items) {
    if (manifest.kind == JobKind::mpi)
        return fmt::format("{}: {}", manifest.name, shortened(manifest.command));
    return fmt::format("{}: {} of {}", manifest.name, counted(items, "item"),
                       shortened(manifest.command));
}

std::vector<Saying> decision_of(const Manifest& manifest, std::int64_t items, const Advice& advice,
                                const std::vector<std::string>& directives) {
    std::vector<Saying> decision{verdict_of(manifest, items, advice)};
    if (!advice.plan) return decision;
    const Prediction& predicted = advice.plan->predicted;
    const bool known = predicted.item_times.has_value();
    const char* untimed = manifest.kind == JobKind::mpi ? "not known: no run of it was timed"
                                                        : "not known: no item was timed";
    decision.push_back({"time", known ? time_words(manifest, advice) : untimed});
    if (predicted.queue) {
        decision.push_back(
            {"queue",
             fmt::format("{} before it starts, by Slurm's estimate{}", to_text(*predicted.queue),
                         known ? fmt::format("; {} until the end",
                                             to_text(*predicted.queue + predicted.wall.p50))
                               : "")});
    }
    decision.push_back(
        {"request", fmt::format("{}", fmt::join(resource_directives(directives), " "))});
    decision.push_back({"cost", known ? cost_words(predicted) : "not known"});
    return decision;
}

const char* name_of(Source source) {
    switch (source) {
        case Source::measured:
            return "measured";
        case Source::sampled:
            return "sampled";
        case Source::given:
            return "given";
        case Source::history:
            return "history";
        case Source::assumed:
            return "assumed";
    }
    return "";
}

}  // namespace amorsize::cli
