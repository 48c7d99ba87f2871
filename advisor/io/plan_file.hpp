#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "advisor/core/advice.hpp"
#include "advisor/core/finished_run.hpp"
#include "advisor/core/manifest.hpp"
#include "advisor/core/planned_job.hpp"

namespace amorsize {

/// NAME.plan.yaml: the facts of the advice under the names of its JSON, and a `job` section that
/// says what to run. A `history` section says as what
/// its runs are remembered, if they are. Throws Error (bad_input) if there is no plan, or if the
/// job's folder cannot be written as UTF-8.
std::string write_plan(const Manifest&, std::int64_t items, const Advice&,
                       const LaunchArguments& = {}, const std::vector<std::string>& directives = {},
                       const std::optional<JobInstance>& remembered_as = {});

/// Reads it back. Throws Error (bad_input) whose what() lists every fault.
PlannedJob read_plan(const std::string& path);
PlannedJob parse_plan(std::string_view text, const std::string& file_name);

}  // namespace amorsize
