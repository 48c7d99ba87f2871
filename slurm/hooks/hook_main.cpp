// The worker that the guard starts: does what the hook is for. However it ends, the guard answers.

#include <fmt/format.h>

#include <cstdlib>
#include <filesystem>
#include <string>

#include "advisor/io/plan_file.hpp"
#include "advisor/measure/usable_cpus.hpp"
#include "slurm/hooks/node_hooks.hpp"
#include "slurm/hooks/task_exports.hpp"
#include "slurm/hooks/trusted_folder.hpp"

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

std::optional<PlannedJob> plan_of_job() {
    const auto path = variable("AMORSIZE_PLAN");
    if (!path) return std::nullopt;
    try {
        return read_plan(*path);
    } catch (const std::exception&) {
        return std::nullopt;  // advice for a task, not a condition
    }
}

void run_task_prolog() {
    // A batch script's own environment reaches all its steps: they each get their values.
    if (!variable("SLURM_STEP_ID")) return;
    const int cpus = task_cpus(variable, measure::usable_cpus().whole());
    for (const auto& [name, value] : task_exports(variable, cpus, plan_of_job())) {
        fmt::print("export {}={}\n", name, value);
    }
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
        return 0;
    } catch (const std::exception&) {
        return 1;
    }
}
