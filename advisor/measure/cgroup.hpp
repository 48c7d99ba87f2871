#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace amorsize::measure {

/// Where /proc and /sys are looked for: the running system, or a captured tree below `prefix`.
struct SystemRoot {
    std::string prefix;  ///< without a trailing slash; empty: the running system
};

/// One control group that governs this process.
struct CgroupLevel {
    int version = 2;        ///< 1 or 2
    std::string directory;  ///< as the process sees it: "/sys/fs/cgroup/job", without the prefix

    /// "cgroup v2 /sys/fs/cgroup/job memory.max": how a limit found here is named to people.
    std::string source(std::string_view file) const;
};

/// The groups that govern this process for one controller ("memory", "cpu", "cpuset"), its own
/// first, then every ancestor that is visible. Both versions are listed where both are mounted; a
/// group that has no file of the controller simply does not limit. Empty without cgroups. Inside a
/// container the ancestors above its mount cannot be seen.
std::vector<CgroupLevel> cgroup_levels(const SystemRoot&, std::string_view controller);

/// A whole (small) file below the root, or nothing if it cannot be read.
std::optional<std::string> read_system_file(const SystemRoot&, const std::string& path);

/// A field of /proc/self/status ("Cpus_allowed_list"), or "" if there is none.
std::string process_status_field(const SystemRoot&, const std::string& field);

/// A group's file, with trailing white space removed, or nothing if there is none.
std::optional<std::string> read_cgroup_file(const SystemRoot&, const CgroupLevel&,
                                            std::string_view file);

/// The first whole number in the text; nothing for "max", a negative one or anything else.
std::optional<long long> leading_number(std::string_view text);

/// The number on the line of `key` in a "key value" table, as in memory.stat or /proc/meminfo.
std::optional<long long> number_of(std::string_view table, std::string_view key);

/// "0-3,8" as numbers, ascending. Stops at the first thing it does not understand.
std::vector<int> parse_number_list(std::string_view list);

}  // namespace amorsize::measure
