#pragma once

#include <string>

#include "advisor/core/manifest.hpp"
#include "advisor/io/yaml_section.hpp"

namespace amorsize {

// The manifest's keys, as they stand in job.yaml and again in a plan's `job` section. The words of
// the closed sets are shared with the writers.
const yaml::Words<JobKind>& job_kinds();
const yaml::Words<Mode>& modes();
const yaml::Words<Goal>& goals();
const yaml::Words<StrategyChoice>& strategy_choices();
const yaml::Words<Launcher>& launchers();
const yaml::Words<SampleChoice>& sample_choices();

/// Reads the keys; faults go to the section's list and leave their default. `stem` names the job if
/// the section does not.
Manifest manifest_of(yaml::Section&, const std::string& stem, const std::string& directory);

/// Checks `amorsize: 1`.
void check_version(yaml::Section&);

}  // namespace amorsize
