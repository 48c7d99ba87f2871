#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "advisor/core/job_profile.hpp"

namespace amorsize {

/// Reads measured samples: CSV (RFC 4180) with a header, columns in any order, unknown ones
/// ignored. Columns: seconds (required), peak_rss_bytes, user_seconds, system_seconds, input_bytes,
/// output_bytes, concurrency, item, exit_code; an empty cell is an absent figure. Throws Error
/// (bad_input) whose what() lists every fault.
std::vector<Sample> read_samples(const std::string& path);
std::vector<Sample> parse_samples(std::string_view text, const std::string& file_name);

}  // namespace amorsize
