#include "advisor/core/run_report.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace amorsize::run {

namespace {

const char* name_of(RunEnd end) {
    switch (end) {
        case RunEnd::complete:
            return "complete";
        case RunEnd::items_failed:
            return "items_failed";
        case RunEnd::stopped:
            return "stopped";
        case RunEnd::broken:
            return "broken";
    }
    return "?";
}

std::string grouped(std::int64_t number) {
    const std::string digits = std::to_string(number);
    std::string text;
    for (std::size_t i = 0; i < digits.size(); ++i) {
        if (i > 0 && (digits.size() - i) % 3 == 0) text.push_back(',');
        text.push_back(digits[i]);
    }
    return text;
}

std::string duration(double seconds) {
    if (seconds < 10) return fmt::format("{:.2f} s", seconds);
    if (seconds < 100) return fmt::format("{:.1f} s", seconds);
    const auto whole = static_cast<std::int64_t>(seconds + 0.5);
    if (whole < 3600) return fmt::format("{} min {} s", whole / 60, whole % 60);
    return fmt::format("{} h {} min", whole / 3600, whole % 3600 / 60);
}

std::string percent(double share) {
    return fmt::format("{:.1f} %", 100 * share);
}

template <class T>
T sum(const RunReport& report, T RankFigures::*member) {
    T total{};
    for (const RankFigures& rank : report.ranks) total += rank.*member;
    return total;
}

template <class T>
T largest(const RunReport& report, T RankFigures::*member) {
    T most{};
    for (const RankFigures& rank : report.ranks) most = std::max(most, rank.*member);
    return most;
}

std::string headline(const RunReport& report) {
    const std::int64_t missing = report.items - report.done - report.failed;
    std::string line = fmt::format("{}: {} of {} items done", report.name, grouped(report.done),
                                   grouped(report.items));
    if (report.failed > 0) line += fmt::format(", {} failed", grouped(report.failed));
    if (missing > 0) line += fmt::format(", {} missing", grouped(missing));
    if (report.run > 1)
        line +=
            fmt::format(" (run {}; {} were done before)", report.run, grouped(report.done_before));
    return line + "\n";
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
    const double mib = static_cast<double>(peak) / 1024;
    return fmt::format("  memory     largest process {}{:.0f} MiB\n",
                       peak <= floor ? "at most " : "", mib);
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
    shares.handling = std::max(0.0, 1 - shares.items - shares.start - shares.chunks - shares.tail);
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

std::string to_text(const RunReport& report) {
    const TimeShares shares = time_shares(report);
    const int workers = sum(report, &RankFigures::workers);
    std::string text = headline(report);
    if (!report.trouble.empty())
        text += fmt::format("  {:<10} {}\n", report.end == RunEnd::broken ? "broken" : "stopped",
                            report.trouble);
    text += fmt::format("  time       {} (predicted {}, {} at 95 %)\n", duration(report.wall.value),
                        duration(report.predicted.wall.p50.value),
                        duration(report.predicted.wall.p95.value));
    text += fmt::format("  speed-up   {:.1f} x on {} workers in {} ranks (predicted {:.1f} x)\n",
                        speedup(report), workers, report.ranks.size(), report.predicted.speedup);
    text += fmt::format("  balance    {} between ranks; longest item {}\n",
                        percent(balance(report)), duration(largest(report, &RankFigures::longest)));
    text += memory_line(report);
    text += fmt::format(
        "  went into  items {}, start {}, waiting for chunks {}, idle at the end {}, handling {}\n",
        percent(shares.items), percent(shares.start), percent(shares.chunks), percent(shares.tail),
        percent(shares.handling));
    if (const auto retries = sum(report, &RankFigures::retries); retries > 0) {
        text += fmt::format("  retries    {}\n", grouped(retries));
    }
    if (const auto kills = sum(report, &RankFigures::memory_kills); kills > 0) {
        text += fmt::format("  memory     {} items were killed for memory and run again alone\n",
                            grouped(kills));
    }
    return text;
}

}  // namespace amorsize::run
