#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "advisor/core/backtest.hpp"

namespace amorsize {

/// Reads a trace of finished tasks, by its header line:
/// - CSV with `group`, `peak_rss_bytes`, `seconds` and, as known, `input_bytes`, `requested_bytes`;
/// - Nextflow's trace, tab or comma separated: `process` (or `name`, less its tag), `peak_rss`,
/// `realtime`, and, as known,
///   `rchar` or `read_bytes` for the input, `memory` for the request, `status`. Sizes and times raw
///   (bytes, milliseconds) or as Nextflow prints them ("1.5 GB", binary; "2m 3s"). Tasks that
///   failed, and those without a measurement ("-"), are left out.
/// Columns come in any order, others are ignored, an empty cell is unknown; rows count from 1 after
/// the header, left-out ones too. Throws Error (bad input) with every fault as `name:line: error:
/// what`.
std::vector<TraceTask> parse_trace(std::string_view text, const std::string& name);

}  // namespace amorsize
