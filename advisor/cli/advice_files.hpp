#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "advisor/cli/advise_options.hpp"
#include "advisor/cli/surroundings.hpp"
#include "advisor/core/advice.hpp"
#include "advisor/core/cluster.hpp"
#include "advisor/core/finished_run.hpp"
#include "advisor/core/kept_item.hpp"
#include "advisor/core/manifest.hpp"
#include "advisor/core/plan.hpp"
#include "slurm/submit.hpp"

namespace amorsize::cli {

/// Where what belongs to one advice is written.
struct OutputPaths {
    std::string plan;
    std::string script;
    std::string kept;
    std::string page;  ///< empty: none is wanted
};

OutputPaths output_paths(const AdviseOptions&, const Manifest&);
/// Said before minutes are spent on measuring: throws Error (environment) if one cannot be written,
/// and (usage) if the page would take the place of a file that is no such page.
void require_replaceable(const OutputPaths&);

/// How the script starts the work, and the script.
struct Outputs {
    LaunchArguments launch;
    std::vector<std::string> directives;
    std::string script;
};

/// Empty for an infeasible job.
Outputs make_outputs(const Manifest&, const Cluster&, const Advice&, const std::string& plan_path,
                     const Surroundings&);

/// Writes the plan, the script, the kept items and the page, all or none; where nothing fits, the
/// page alone. Throws Error.
void write_outputs(const OutputPaths&, const Manifest&, std::int64_t items, const Advice&,
                   const Outputs&, const std::vector<KeptItem>&, const std::string& page,
                   const std::optional<JobInstance>& remembered_as);

/// What `sbatch --test-only` says of a script that is nowhere yet. Throws Error (environment) if
/// Slurm does not answer.
slurm::Judgement judge(const std::string& script);

}  // namespace amorsize::cli
