#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "advisor/core/units.hpp"

namespace amorsize::slurm {

// Slurm's words as values. "UNLIMITED", "INFINITE", "NONE", "N/A" and "" are no value.

/// A whole number.
std::optional<std::int64_t> parse_count(std::string_view text);
/// A memory size: MiB unless a suffix K, M, G, T or P says otherwise; all binary.
std::optional<Bytes> parse_memory(std::string_view text);
/// A time limit: "MIN", "MIN:SS", "HH:MM:SS", "D-HH", "D-HH:MM" or "D-HH:MM:SS".
std::optional<Seconds> parse_time(std::string_view text);
/// GPUs in "gpu:a100:4(S:0-1),gpu:2,nic:1": every gpu entry counts, 6 here; "gpu" alone is one.
int parse_gpus(std::string_view gres);
/// The amount of `name` in "cpu=64,mem=256G,node=2,gres/gpu=4"; nothing if it is not named.
std::optional<std::string> parse_tres(std::string_view tres, std::string_view name);
/// Can a job start on a node of this state, now or once others have left it?
/// "IDLE+CLOUD+POWERED_DOWN" and "MIXED" yes; "IDLE*" (does not answer), "DOWN", "IDLE+DRAIN",
/// "IDLE+MAINT" no.
bool takes_jobs(std::string_view state);

}  // namespace amorsize::slurm
