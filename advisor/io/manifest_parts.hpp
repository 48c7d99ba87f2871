#pragma once

#include <map>
#include <string>
#include <vector>

#include "advisor/core/manifest.hpp"
#include "advisor/io/yaml_section.hpp"

namespace amorsize {

// Parts of manifest_of: each reads its keys of the job and notes their faults.

// manifest_work.cpp: what is run, on what.
Command read_command(yaml::Section& job);
/// Whether {item} and {items} stand where the mode needs them and nowhere else.
void check_placeholders(yaml::Section& job, const Manifest&);
Items read_items(yaml::Section& job, const Manifest&);

// manifest_script.cpp: what lands in the generated script and must not break out of its line.
Limits read_limits(yaml::Section& job);
std::map<std::string, std::string> read_environment(yaml::Section& job);
std::vector<std::string> read_prelude(yaml::Section& job);
std::map<std::string, std::string> read_slurm(yaml::Section& job);

/// Notes a time of 0.
void must_be_positive(yaml::Section&, const std::string& key, const std::optional<Seconds>& time);

}  // namespace amorsize
