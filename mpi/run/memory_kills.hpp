#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace amorsize::run {

/// Watches whether the kernel has killed something in this rank's memory cgroup (or one around it)
/// for lack of memory.
class MemoryKills {
public:
    MemoryKills();
    /// From these counter files: memory.events (version 2) or memory.oom_control (version 1).
    explicit MemoryKills(std::vector<std::string> files);

    /// Whether the counters can be read at all. If not, a SIGKILL that was not ours is all there is
    /// to go by.
    bool visible() const { return seen_.has_value(); }
    /// Kills since the last call.
    std::int64_t new_kills();

private:
    std::optional<std::int64_t> total() const;

    std::vector<std::string> files_;
    std::optional<std::int64_t> seen_;
};

}  // namespace amorsize::run
