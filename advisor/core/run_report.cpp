#include "advisor/core/run_report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>

#include "advisor/core/text.hpp"

namespace amorsize::run {

namespace {

std::string time_text(double seconds) {
    return amorsize::to_text(Seconds{seconds});
}

std::string share_text(double share) {
    return amorsize::to_text(Fraction{share});
}

std::string headline(const RunReport& report) {
    const std::int64_t missing = report.items - report.done - report.failed;
    std::string line =
        fmt::format("{}: {} of {} {} done", report.name, amorsize::to_text(report.done),
                    amorsize::to_text(report.items), report.program ? "ranks" : "items");
    if (report.failed > 0) line += fmt::format(", {} failed", amorsize::to_text(report.failed));
    if (missing > 0) line += fmt::format(", {} missing", amorsize::to_text(missing));
    const std::string before =
        report.run > 1 || report.done_before > 0
            ? fmt::format("{} were done before", amorsize::to_text(report.done_before))
            : "";
    if (report.run > 1) {
        line += fmt::format(" (run {}; {})", report.run, before);
    } else if (!before.empty()) {
        line += fmt::format(" ({})", before);
    }
    return line + "\n";
}

/// What was predicted, in parentheses; nothing where nothing was.
std::string prediction(bool known, const std::string& what) {
    return known ? fmt::format(" (predicted {})", what) : "";
}

/// The share of the workers' time that the plan expects in items. Nothing where it speaks of other
/// workers than those that ran.
std::optional<double> expected_in_items(const RunReport& report, int workers) {
    const double speedup = report.predicted.speedup.value_or(0);
    if (speedup <= 0 || speedup > workers) return std::nullopt;
    return speedup / workers;
}

std::string counted(int count, const char* what) {
    return fmt::format("{} {}{}", count, what, count == 1 ? "" : "s");
}

/// What the command of a rank does with its workers is not seen in mode program.
std::string speedup_line(const RunReport& report, int workers) {
    const double expected = report.predicted.speedup.value_or(0);
    return fmt::format("  speed-up   {:.1f} x on {} in {}{}\n", speedup(report),
                       counted(workers, "worker"),
                       counted(static_cast<int>(report.ranks.size()), "rank"),
                       prediction(expected > 0, fmt::format("{:.1f} x", expected)));
}

std::string balance_line(const RunReport& report, int workers, double in_items) {
    const std::optional<double> expected = expected_in_items(report, workers);
    std::string line =
        report.program
            ? fmt::format("  balance    commands ran {} of the time", share_text(in_items))
            : fmt::format("  balance    workers in items {} of the time{}", share_text(in_items),
                          prediction(expected.has_value(), share_text(expected.value_or(0))));
    if (report.ranks.size() > 1) line += ", ranks even to " + share_text(balance(report));
    return line + fmt::format("; longest {}\n", time_text(largest(report, &RankFigures::longest)));
}

/// The rank's own size hides smaller ones.
std::string memory_line(const RunReport& report) {
    std::int64_t peak = 0;
    std::int64_t floor = 0;
    for (const RankFigures& rank : report.ranks) {
        if (rank.peak_kib > peak) {
            peak = rank.peak_kib;
            floor = rank.own_peak_kib;
        }
    }
    if (peak == 0) return {};
    const Bytes predicted = report.predicted.memory_per_node;
    return fmt::format("  memory     largest process {}{}: at most {} a node{}\n",
                       peak <= floor ? "at most " : "", amorsize::to_text(Bytes{peak * kKiB.value}),
                       amorsize::to_text(memory_of_fullest_node(report)),
                       prediction(predicted.value > 0, amorsize::to_text(predicted)));
}

}  // namespace

TimeShares time_shares(const RunReport& report) {
    TimeShares shares;
    double total = 0;
    const double end = report.started + report.wall.value;
    for (const RankFigures& rank : report.ranks) {
        total += rank.workers * report.wall.value;
        shares.items += rank.busy;
        shares.start += rank.workers * std::max(0.0, rank.started - report.started);
        shares.chunks += rank.waiting_for_chunks;
        // idle_at_end counts while the rank still ran something; after that come the slower ranks.
        shares.tail +=
            rank.idle_at_end + rank.workers * std::max(0.0, end - rank.started - rank.seconds);
    }
    if (total <= 0) return {};
    for (double* share : {&shares.items, &shares.start, &shares.chunks, &shares.tail})
        *share /= total;
    shares.between = std::max(0.0, 1 - shares.items - shares.start - shares.chunks - shares.tail);
    return shares;
}

double speedup(const RunReport& report) {
    return report.wall.value > 0 ? sum(report, &RankFigures::busy) / report.wall.value : 0;
}

double balance(const RunReport& report) {
    const double longest = largest(report, &RankFigures::seconds);
    if (longest <= 0) return 1;
    return sum(report, &RankFigures::seconds) /
           (longest * static_cast<double>(report.ranks.size()));
}

Bytes memory_of_fullest_node(const RunReport& report) {
    struct Node {
        Bytes apart;
        Bytes own;  // without what all workers of a node have in common
    };
    std::map<std::string, Node> nodes;
    for (const RankFigures& rank : report.ranks) {
        const Bytes peak{rank.peak_kib * kKiB.value};
        Node& node = nodes[rank.host];
        node.apart += peak * rank.workers;
        node.own += std::max(Bytes{}, peak - report.predicted.memory_in_common) * rank.workers;
    }
    const bool common = report.predicted.memory_in_common.value > 0;
    Bytes most;
    for (const auto& [host, node] : nodes) {
        const Bytes together = node.own + report.predicted.memory_once;
        most = std::max(most, common ? std::min(node.apart, together) : node.apart);
    }
    return most;
}

std::string to_text(const RunReport& report) {
    const TimeShares shares = time_shares(report);
    const int workers = sum(report, &RankFigures::workers);
    const WallTime wall = report.predicted.wall;
    std::string text = headline(report);
    if (!report.trouble.empty())
        text += fmt::format("  {:<10} {}\n", report.end == RunEnd::broken ? "broken" : "stopped",
                            report.trouble);
    if (report.failed > 0) {
        text += fmt::format(
            "  failed     {}.failed has the items; --print stderr shows what they "
            "wrote, --retry-failed runs them again\n",
            report.name);
    }
    if (sum(report, &RankFigures::busy) <= 0) return text;
    text += fmt::format("  time       {}{}\n", time_text(report.wall.value),
                        prediction(report.predicted.item_times.has_value(),
                                   fmt::format("{}, {} at 95 %", time_text(wall.p50.value),
                                               time_text(wall.p95.value))));
    if (!report.program) text += speedup_line(report, workers);
    text += balance_line(report, workers, shares.items);
    text += memory_line(report);
    const char* things = report.program ? "commands" : "items";
    text += fmt::format(
        "  went into  {} {}, start {}, waiting for chunks {}, idle at the end {}, between {} {}\n",
        things, share_text(shares.items), share_text(shares.start), share_text(shares.chunks),
        share_text(shares.tail), things, share_text(shares.between));
    if (const auto retries = sum(report, &RankFigures::retries); retries > 0) {
        text += fmt::format("  retries    {}\n", amorsize::to_text(retries));
    }
    if (const auto kills = sum(report, &RankFigures::memory_kills); kills > 0) {
        text += fmt::format("  memory     {} items were killed for memory and run again alone\n",
                            amorsize::to_text(kills));
    }
    if (const auto withdrawn = sum(report, &RankFigures::withdrawn); withdrawn > 0) {
        text += fmt::format(
            "  withdrawn  {} answers of workers that did not write one line for each item\n",
            amorsize::to_text(withdrawn));
    }
    return text;
}

}  // namespace amorsize::run
