#include "slurm/submit.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <regex>

#include "advisor/core/error.hpp"
#include "slurm/parse_records.hpp"
#include "slurm/parse_values.hpp"

namespace amorsize::slurm {
namespace {

// A test of a large request against a long queue may take the scheduler many seconds.
constexpr Seconds kLimit{60};

CommandResult sbatch(const CommandPort& run, const std::vector<std::string>& argv) {
    auto result = run(argv, kLimit);
    if (result.status == 127) {
        throw Error(ExitCode::environment, "`sbatch` was not found on PATH",
                    "load the site's Slurm module, or submit the script where Slurm is");
    }
    const bool silent_controller =
        result.err.find("Unable to contact slurm controller") != std::string::npos;
    if (result.timed_out || silent_controller) {
        throw Error(ExitCode::environment,
                    fmt::format("`{} {}` got no answer from the controller", argv[0], argv[1]),
                    "see whether it is up with `scontrol ping`, then try again");
    }
    return result;
}

// Slurm's words without the program's name before each line.
std::string words(const CommandResult& result) {
    std::string text;
    for (const auto& line : split(result.err + "\n" + result.out, '\n')) {
        auto rest = trimmed(line);
        for (const std::string_view prefix : {"sbatch: ", "error: ", "allocation failure: "}) {
            if (rest.starts_with(prefix)) rest.remove_prefix(prefix.size());
        }
        if (rest.empty()) continue;
        if (!text.empty()) text += '\n';
        text += rest;
    }
    return text;
}

std::optional<std::chrono::sys_seconds> parse_clock(const std::string& text) {
    static const std::regex form(R"((\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d))");
    std::smatch part;
    if (!std::regex_match(text, part, form)) return std::nullopt;
    const auto number = [&](std::size_t i) { return std::stoi(part[i]); };
    const std::chrono::year_month_day day{std::chrono::year(number(1)),
                                          std::chrono::month(static_cast<unsigned>(number(2))),
                                          std::chrono::day(static_cast<unsigned>(number(3)))};
    if (!day.ok()) return std::nullopt;
    return std::chrono::sys_days(day) + std::chrono::hours(number(4)) +
           std::chrono::minutes(number(5)) + std::chrono::seconds(number(6));
}

}  // namespace

Judgement parse_judgement(const CommandResult& result) {
    static const std::regex start(
        R"(Job \d+ to start at (\S+)(?: on cluster \S+)?(?: a)? using (\d+) processors on (?:nodes )?(\S+))");
    Judgement judgement;
    judgement.message = words(result);
    std::smatch found;
    judgement.accepted = result.status == 0 && std::regex_search(judgement.message, found, start);
    if (!judgement.accepted) return judgement;
    judgement.start = found[1];
    judgement.processors = static_cast<int>(parse_count(found[2].str()).value_or(0));
    judgement.nodes = found[3];
    return judgement;
}

Judgement test_only(const CommandPort& run, const std::string& script) {
    return parse_judgement(sbatch(run, {"sbatch", "--test-only", script}));
}

std::int64_t submit(const CommandPort& run, const std::string& script) {
    const auto result = sbatch(run, {"sbatch", "--parsable", script});
    // "JOB" or "JOB;CLUSTER"; messages of the site's plugins may stand before it.
    const auto lines = split(trimmed(result.out), '\n');
    const auto job = parse_count(lines.back().substr(0, lines.back().find(';')));
    if (result.status == 0 && job) return *job;
    throw Error(ExitCode::environment, fmt::format("Slurm refused {}: {}", script, words(result)),
                fmt::format("see what it would take with `sbatch --test-only {}`", script));
}

std::optional<Seconds> wait_between(const std::string& now, const std::string& start) {
    const auto from = parse_clock(now);
    const auto to = parse_clock(start);
    if (!from || !to) return std::nullopt;
    return Seconds{std::max(0.0, std::chrono::duration<double>(*to - *from).count())};
}

}  // namespace amorsize::slurm
