#include "advisor/cli/advice_text.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "advisor/cli/ways_text.hpp"
#include "advisor/core/chunking.hpp"
#include "advisor/core/explain.hpp"
#include "advisor/core/text.hpp"

namespace amorsize::cli {

namespace {

constexpr std::size_t kCommandWidth = 60;

constexpr std::size_t kLineWidth = 118;
constexpr std::size_t kIndent = 13;

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

/// A labelled line; a long one goes on below, indented a little further, a figure never apart from
/// its unit.
std::string row(const char* label, const std::string& words) {
    std::string text = printable(words);
    std::string out = fmt::format("  {:<9}  ", label);
    for (std::size_t room = kLineWidth - kIndent; text.size() > room;
         room = kLineWidth - kIndent - 2) {
        std::size_t blank = text.rfind(' ', room);
        while (blank != std::string::npos && blank > 0 && is_digit(text[blank - 1]))
            blank = text.rfind(' ', blank - 1);
        if (blank == std::string::npos || blank == 0) break;
        out += fmt::format("{}\n{:{}}", text.substr(0, blank), "", kIndent + 2);
        text.erase(0, blank + 1);
    }
    return out + text + "\n";
}

std::string shortened(const Command& command) {
    std::string words = printable(fmt::format("{}", fmt::join(command.argv, " ")));
    if (words.size() > kCommandWidth) words = words.substr(0, kCommandWidth - 3) + "...";
    return words;
}

std::string headline(const Manifest& manifest, std::int64_t items) {
    if (manifest.kind == JobKind::mpi)
        return fmt::format("{}: {}\n\n", manifest.name, shortened(manifest.command));
    return fmt::format("{}: {} of {}\n\n", manifest.name, counted(items, "item"),
                       shortened(manifest.command));
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

std::string alternative(const Alternative& other) {
    const auto& queue = other.plan.predicted.queue;
    return fmt::format("{}: {}{}, {} ({})", in_brief(other.plan),
                       to_text(other.plan.predicted.wall.p50),
                       queue ? fmt::format(" after {} in the queue", to_text(*queue)) : "",
                       core_hours_text(other.plan.predicted.core_hours), text(other.against));
}

/// Reasons that a first reading needs; the others wait for --explain.
bool is_essential(const Reason& reason) {
    static const std::vector<std::string> detail{
        "second_thread_rejected", "time_limit_from_prediction", "node_limit",
        "memory_given",           "one_item_per_chunk",         "chunks_balance"};
    const auto* ceiling = std::get_if<reason::MemoryCeiling>(&reason);
    if (ceiling != nullptr) return ceiling->binding;
    const auto* usable = std::get_if<reason::UsableLimit>(&reason);
    if (usable != nullptr) return !usable->of_memory;
    return std::find(detail.begin(), detail.end(), code(reason)) == detail.end();
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

/// What a first reading needs: the items' time, the node, and whatever is not known.
std::vector<std::string> known_in_short(const Advice& advice) {
    std::vector<std::string> lines;
    std::string assumed;
    for (const Fact& fact : advice.basis) {
        if (fact.source == Source::assumed) {
            assumed += fmt::format("{}{} {}", assumed.empty() ? "" : ", ", fact.name, fact.value);
        } else if (fact.name == "item time" || fact.name == "run time" || fact.name == "node") {
            lines.push_back(fmt::format("{}: {} {} ({})", name_of(fact.source), fact.name,
                                        fact.value, fact.origin));
        }
    }
    lines.push_back("assumed: " + (assumed.empty() ? "nothing" : assumed));
    return lines;
}

const char* why_serial(const Advice& advice) {
    for (const Reason& reason : advice.reasons) {
        const auto* ceiling = std::get_if<reason::MemoryCeiling>(&reason);
        if (ceiling != nullptr && ceiling->ceiling == 1) return "only one fits the memory";
        if (std::holds_alternative<reason::NothingToSplit>(reason)) return "there is only one item";
    }
    return "running side by side would not pay";
}

std::string decision(const Manifest& manifest, const Advice& advice, std::int64_t items,
                     const std::vector<std::string>& directives) {
    const Plan& plan = *advice.plan;
    const Prediction& predicted = plan.predicted;
    const bool program = manifest.kind == JobKind::mpi;
    std::string time = fmt::format("{} expected, {} at 95 %", to_text(predicted.wall.p50),
                                   to_text(predicted.wall.p95));
    std::string cost = core_hours_text(predicted.core_hours);
    if (predicted.busy) cost += fmt::format(", {} of them working", to_text(*predicted.busy));
    std::string out;
    if (program) {
        out += row(advice.verdict == Verdict::serial ? "serial" : "parallel", ranks_row(plan));
        time += ", if it runs as the run known did";
    } else if (advice.verdict == Verdict::serial) {
        out += row("serial",
                   fmt::format("one worker, items one after another: {}", why_serial(advice)));
    } else {
        out += row("parallel", layout_row(plan, items));
        time += fmt::format(" (one core: {}, so {} x)", to_text(predicted.serial),
                            to_text(predicted.speedup.value_or(1)));
    }
    const bool unknown = std::any_of(
        advice.reasons.begin(), advice.reasons.end(),
        [](const Reason& reason) { return std::holds_alternative<reason::TimeUnknown>(reason); });
    if (unknown) {
        time = fmt::format("not known: {} was timed", program ? "no run of it" : "no item");
        cost = "not known";
    }
    out += row("time", time);
    if (predicted.queue) {
        out +=
            row("queue", fmt::format("{} before it starts, by Slurm's estimate; {} until the end",
                                     to_text(*predicted.queue),
                                     to_text(*predicted.queue + predicted.wall.p50)));
    }
    out += row("request", fmt::format("{}", fmt::join(directives, " ")));
    return out + row("cost", cost);
}

std::string list(const char* label, const std::vector<std::string>& lines) {
    std::string out;
    for (const std::string& line : lines) out += row(out.empty() ? label : "", line);
    return out;
}

}  // namespace

std::string printable(std::string text) {
    std::replace_if(
        text.begin(), text.end(),
        [](char c) { return static_cast<unsigned char>(c) < 32 || c == 127; }, ' ');
    return text;
}

std::string advice_text(const Manifest& manifest, std::int64_t items, const Advice& advice,
                        const std::vector<std::string>& directives, bool explain) {
    std::string out = headline(manifest, items);
    std::vector<std::string> because;
    for (const Reason& reason : advice.reasons) {
        if (explain || is_essential(reason) || !advice.plan) because.push_back(text(reason));
    }
    std::vector<std::string> warnings;
    for (const Reason& warning : advice.warnings) warnings.push_back(text(warning));
    if (!advice.plan) {
        return out + row("infeasible", "nothing fits") + "\n" + list("because", because) +
               list("beware", warnings);
    }

    out += decision(manifest, advice, items, directives) + "\n" + list("because", because) +
           list("beware", warnings);
    std::vector<std::string> instead;
    for (const Alternative& other : advice.alternatives) instead.push_back(alternative(other));
    if (!explain && instead.size() > 3) instead.resize(3);
    out += list("instead", instead);
    if (const std::string other = trade_off(advice); !other.empty()) out += row("trade-off", other);
    if (explain) {
        std::vector<std::string> known;
        for (const Fact& fact : advice.basis) {
            known.push_back(fmt::format("{}: {} ({}: {})", fact.name, fact.value,
                                        name_of(fact.source), fact.origin));
        }
        return out + list("known", known);
    }
    return out + list("known", known_in_short(advice));
}

}  // namespace amorsize::cli
