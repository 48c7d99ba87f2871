#include "slurm/hooks/request_advice.hpp"

#include <fmt/format.h>

#include <limits>
#include <nlohmann/json.hpp>

#include "advisor/core/time_limit.hpp"
#include "slurm/parse_values.hpp"
#include "slurm/spelling.hpp"

namespace amorsize::hooks {

namespace {

constexpr double kFarAbove = 2;
constexpr std::string_view kExport = "export AMORSIZE_PLAN=";

/// The compared options, as far as they were set, and the lines that answer them.
class Comparison {
public:
    Comparison(const SubmittedRequest& asked, Requests mode) : asked_(asked), mode_(mode) {}

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

    void amount(const std::string& option, const std::string& asked, const std::string& advised,
                double ratio) {
        if (ratio >= 1 && ratio <= kFarAbove) return;
        lines.push_back(fmt::format("warn --{}={} is {}; advised: --{}={}", option, asked,
                                    ratio < 1 ? "less than the job is expected to need"
                                              : "more than twice what the job is expected to need",
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
};

void compare_time(Comparison& comparison, Seconds limit) {
    const std::string advised = slurm::time_limit(limit);
    const auto asked = comparison.asked("time");
    if (!asked) return comparison.missing("time", advised);
    const auto time = *asked == "UNLIMITED" ? Seconds{std::numeric_limits<double>::infinity()}
                                            : slurm::parse_time(*asked);
    if (time) comparison.amount("time", *asked, advised, *time / whole_minutes(limit));
}

void compare_memory(Comparison& comparison, std::int64_t mib) {
    const bool otherwise = comparison.asked("mem-per-cpu") || comparison.asked("mem-per-gpu");
    if (otherwise || mib <= 0) return;
    const auto asked = comparison.asked("mem");
    if (!asked) return comparison.missing("mem", slurm::memory(mib));
    const auto memory = slurm::parse_memory(*asked);
    if (!memory || memory->value == 0) return;  // 0: all of the node
    comparison.amount("mem", slurm::memory(slurm::mebibytes(*memory)), slurm::memory(mib),
                      static_cast<double>(memory->value) / static_cast<double>(mib * kMiB.value));
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
    Comparison comparison(asked, mode);
    compare_time(comparison, advised.time_limit);
    compare_memory(comparison, advised.mem_mib_per_node);
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

}  // namespace amorsize::hooks
