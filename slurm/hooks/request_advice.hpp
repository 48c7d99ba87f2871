#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "advisor/core/plan.hpp"
#include "slurm/hooks/site.hpp"
#include "slurm/used_before.hpp"

namespace amorsize::hooks {

/// What sbatch was asked, on its command line, in its environment or by the script.
struct SubmittedRequest {
    std::map<std::string, std::string> options;  ///< "mem" -> "100M"; only what was set
    std::string script;                          ///< its path; empty if it came by a pipe

    std::string job_name() const;  ///< as asked, or the script's own name
};

/// Reads the object that Slurm's `json_cli_options` makes; nothing if it is none.
std::optional<SubmittedRequest> parse_request(const std::string& json);

/// The path in a script's last line `export AMORSIZE_PLAN=PATH`, bare or in single quotes; "" if
/// there is none that is absolute. The script is read, never run.
std::string plan_named_in(std::string_view script);

/// Lines for the cli_filter: "warn TEXT" for each of --time, --mem, --cpus-per-task and --ntasks
/// that is below the advice, above twice of it (time, memory) or another number (CPUs, tasks), and
/// for what was not asked at all. In place of the latter, `Requests::fill` answers "set OPTION
/// VALUE".
std::vector<std::string> compare_with_advice(const SubmittedRequest&, const Request& advised,
                                             Requests mode);

/// The same for --time and --mem against what earlier jobs of this name needed, on as many nodes if
/// those are asked for: lines for what is below the largest, or above twice of it and a fifth, and
/// for what was not asked at all. Nothing if there were none.
std::vector<std::string> compare_with_history(const SubmittedRequest&,
                                              const std::vector<slurm::UsedBefore>&, Requests mode);

}  // namespace amorsize::hooks
