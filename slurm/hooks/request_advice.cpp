#include "slurm/hooks/request_advice.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <utility>

#include "advisor/core/time_limit.hpp"
#include "slurm/parse_values.hpp"
#include "slurm/spelling.hpp"

namespace amorsize::hooks {

namespace {

constexpr double kFarAbove = 2;
constexpr double kMarginOfHistory = 1.2;  // as in the verdicts of amorsize-report
constexpr std::string_view kExport = "export AMORSIZE_PLAN=";

/// The compared options, as far as they were set, and the lines that answer them.
class Comparison {
public:
    /// `needed`: what the advised amounts are, in words that go on from "less than".
    Comparison(const SubmittedRequest& asked, Requests mode, std::string needed)
        : asked_(asked), mode_(mode), needed_(std::move(needed)) {}

    std::optional<std::string> asked(const std::string& option) const {
        const auto found = asked_.options.find(option);
        return found == asked_.options.end() ? std::nullopt : std::optional(found->second);
    }

    void missing(const std::string& option, const std::string& advised) {
        lines.push_back(mode_ == Requests::fill
                            ? fmt::format("set {} {}", option, advised)
                            : fmt::format("warn no --{} is asked for; advised: --{}={}", option,
                                          option, advised));
    }

    /// `ratio`: asked over needed; advised is `margin` times what is needed.
    void amount(const std::string& option, const std::string& asked, const std::string& advised,
                double ratio, double margin) {
        if (ratio >= 1 && ratio <= kFarAbove * margin) return;
        lines.push_back(fmt::format("warn --{}={} is {} {}; advised: --{}={}", option, asked,
                                    ratio < 1 ? "less than" : "more than twice what", needed_,
                                    option, advised));
    }

    void number(const std::string& option, int advised) {
        const auto count = positive(*asked(option));
        if (!count || *count == advised) return;
        lines.push_back(fmt::format("warn --{}={} is not what was planned; advised: --{}={}",
                                    option, *count, option, advised));
    }

    std::vector<std::string> lines;

private:
    const SubmittedRequest& asked_;
    Requests mode_;
    std::string needed_;
};

void compare_time(Comparison& comparison, Seconds needed, double margin) {
    const Seconds limit = whole_minutes(needed * margin);
    const std::string advised = slurm::time_limit(limit);
    const auto asked = comparison.asked("time");
    if (!asked) return comparison.missing("time", advised);
    const auto time = *asked == "UNLIMITED" ? Seconds{std::numeric_limits<double>::infinity()}
                                            : slurm::parse_time(*asked);
    if (time) comparison.amount("time", *asked, advised, *time / (limit / margin), margin);
}

void compare_memory(Comparison& comparison, std::int64_t needed_mib, double margin) {
    const bool otherwise = comparison.asked("mem-per-cpu") || comparison.asked("mem-per-gpu");
    if (otherwise || needed_mib <= 0) return;
    const std::string advised = slurm::memory(
        static_cast<std::int64_t>(std::ceil(static_cast<double>(needed_mib) * margin)));
    const auto asked = comparison.asked("mem");
    if (!asked) return comparison.missing("mem", advised);
    const auto memory = slurm::parse_memory(*asked);
    if (!memory || memory->value == 0) return;  // 0: all of the node
    const double ratio =
        static_cast<double>(memory->value) / static_cast<double>(needed_mib * kMiB.value);
    comparison.amount("mem", slurm::memory(slurm::mebibytes(*memory)), advised, ratio, margin);
}

}  // namespace

std::optional<SubmittedRequest> parse_request(const std::string& json) {
    const auto object = nlohmann::json::parse(json, nullptr, false);
    if (!object.is_object()) return std::nullopt;
    SubmittedRequest request;
    for (const auto& [option, value] : object.items()) {
        if (value.is_string()) request.options[option] = value.get<std::string>();
    }
    const auto arguments = object.find("argv");
    if (arguments != object.end() && arguments->is_array() && !arguments->empty() &&
        arguments->front().is_string()) {
        request.script = arguments->front().get<std::string>();
    }
    return request;
}

std::string SubmittedRequest::job_name() const {
    const auto asked = options.find("job-name");
    return asked != options.end() ? asked->second : script.substr(script.rfind('/') + 1);
}

std::string plan_named_in(std::string_view script) {
    const std::size_t begin = script.rfind(kExport);
    if (begin == std::string_view::npos || (begin > 0 && script[begin - 1] != '\n')) return {};
    std::string_view word = script.substr(begin + kExport.size());
    word = word.substr(0, word.find('\n'));
    std::string path;
    bool quoted = false;
    for (std::size_t i = 0; i < word.size(); ++i) {
        if (word[i] == '\'') {
            quoted = !quoted;
        } else if (!quoted && word[i] == '\\' && i + 1 < word.size()) {
            path += word[++i];
        } else if (!quoted && (word[i] == '$' || word[i] == '`' || word[i] == '"')) {
            return {};  // only a shell knows what that becomes
        } else {
            path += word[i];
        }
    }
    return !quoted && path.starts_with('/') ? path : std::string();
}

std::vector<std::string> compare_with_advice(const SubmittedRequest& asked, const Request& advised,
                                             Requests mode) {
    Comparison comparison(asked, mode, "the job is expected to need");
    compare_time(comparison, advised.time_limit, 1);
    compare_memory(comparison, advised.mem_mib_per_node, 1);
    for (const auto& [option, count] :
         {std::pair{"cpus-per-task", advised.cpus_per_task}, std::pair{"ntasks", advised.ntasks}}) {
        const bool by_nodes = comparison.asked("nodes") || comparison.asked("ntasks-per-node");
        if (comparison.asked(option)) {
            comparison.number(option, count);
        } else if (std::string_view(option) != "ntasks" || !by_nodes) {
            comparison.missing(option, std::to_string(count));
        }
    }
    return comparison.lines;
}

std::vector<std::string> compare_with_history(const SubmittedRequest& asked,
                                              const std::vector<slurm::UsedBefore>& jobs,
                                              Requests mode) {
    const auto nodes = asked.options.find("nodes");
    const auto wanted = nodes == asked.options.end() ? std::nullopt : positive(nodes->second);
    std::optional<Seconds> time;
    std::optional<Bytes> memory;
    std::int64_t count = 0;
    for (const slurm::UsedBefore& job : jobs) {
        if (job.name != asked.job_name() || (wanted && job.nodes != *wanted)) continue;
        time = std::max(time, job.time);
        memory = std::max(memory, job.memory_per_node);
        ++count;
    }
    if (count == 0) return {};
    Comparison comparison(asked, mode,
                          count == 1
                              ? "its last job needed"
                              : fmt::format("the largest of its {} last jobs needed", count));
    if (time) compare_time(comparison, *time, kMarginOfHistory);
    if (memory) compare_memory(comparison, slurm::mebibytes(*memory), kMarginOfHistory);
    return comparison.lines;
}

}  // namespace amorsize::hooks
