// The worker that the guard starts: does what the hook is for. However it ends, the guard answers.

#include <fmt/format.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "advisor/io/history_place.hpp"
#include "advisor/io/plan_file.hpp"
#include "advisor/measure/usable_cpus.hpp"
#include "slurm/hooks/node_hooks.hpp"
#include "slurm/hooks/request_advice.hpp"
#include "slurm/hooks/task_exports.hpp"
#include "slurm/hooks/trusted_folder.hpp"
#include "slurm/used_before.hpp"

namespace {

using namespace amorsize;
using namespace amorsize::hooks;

std::optional<std::string> variable(const std::string& name) {
    const char* value = std::getenv(name.c_str());
    return value == nullptr ? std::nullopt : std::optional<std::string>(value);
}

std::optional<Site> read_site(const std::filesystem::path& folder) {
    const auto trusted = TrustedFolder::open(folder.string(), false);
    const auto text = trusted ? trusted->read("hooks.conf") : std::nullopt;
    if (!text) return std::nullopt;
    return parse_site(*text, plain_word(variable("SLURMD_NODENAME").value_or("")));
}

std::optional<PlannedJob> plan_in(const std::string& path) {
    if (path.empty()) return std::nullopt;
    try {
        return read_plan(path);
    } catch (const std::exception&) {
        return std::nullopt;  // advice, not a condition
    }
}

void run_task_prolog() {
    // A batch script's own environment reaches all its steps: they each get their values.
    if (!variable("SLURM_STEP_ID")) return;
    const TaskGrant grant{task_cpus(variable, measure::usable_cpus().whole()),
                          task_memory(variable)};
    for (const auto& [name, value] :
         task_exports(variable, grant, plan_in(variable("AMORSIZE_PLAN").value_or("")))) {
        fmt::print("export {}={}\n", name, value);
    }
}

std::string beginning_of(const std::string& path) {
    constexpr std::size_t kMost = 256 << 10;
    std::ifstream file(path, std::ios::binary);
    std::string text(kMost, '\0');
    file.read(text.data(), kMost);
    text.resize(static_cast<std::size_t>(file.gcount()));
    return text;
}

/// What `amorsize-report --remember` has kept for the submitting user.
std::vector<slurm::UsedBefore> used_before() {
    const std::string path = used_before_path(variable);
    return path.empty() ? std::vector<slurm::UsedBefore>{}
                        : slurm::parse_used_before(beginning_of(path));
}

void run_request_advice(Requests mode, const std::string& json) {
    const auto request = parse_request(json);
    if (!request || request->script.empty() || mode == Requests::off) return;
    const auto plan = plan_in(plan_named_in(beginning_of(request->script)));
    const auto lines = plan ? compare_with_advice(*request, plan->plan.request, mode)
                            : compare_with_history(*request, used_before(), mode);
    for (const std::string& line : lines) fmt::print("{}\n", line);
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 1) return 2;
    try {
        const std::filesystem::path called = argv[0];
        const auto site = read_site(called.parent_path());
        if (!site) return 0;
        if (called.filename() == "prolog") run_prolog(*site, variable);
        if (called.filename() == "epilog") run_epilog(*site, variable);
        if (called.filename() == "task-prolog") run_task_prolog();
        if (called.filename() == "request-advice" && argc == 2) {
            run_request_advice(site->requests, argv[1]);
        }
        return 0;
    } catch (const std::exception&) {
        return 1;
    }
}
