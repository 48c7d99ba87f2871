#pragma once

#include <array>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "advisor/core/command_line.hpp"
#include "advisor/core/manifest.hpp"

namespace amorsize {

/// Variables by which common runtimes learn how many threads to start. Each is set to
/// `resources.threads`, or a worker that was granted one core starts as many threads as the node
/// has.
inline constexpr std::array<std::string_view, 10> kThreadVariables = {
    "OMP_NUM_THREADS",   "MKL_NUM_THREADS",     "OPENBLAS_NUM_THREADS",   "GOTO_NUM_THREADS",
    "BLIS_NUM_THREADS",  "NUMEXPR_NUM_THREADS", "VECLIB_MAXIMUM_THREADS", "RAYON_NUM_THREADS",
    "JULIA_NUM_THREADS", "POLARS_MAX_THREADS"};

/// All of them, set to that many.
std::map<std::string, std::string> thread_variables(int threads);

/// What a worker's process has in its environment beyond what it inherits: the thread counts,
/// AMORSIZE_RANK, AMORSIZE_WORKER, in mode exec AMORSIZE_ITEM, and last the manifest's own
/// `environment`, which wins.
std::map<std::string, std::string> worker_environment(const Manifest&, const Assignment&);

/// `inherited` ("NAME=value", as the system hands it over) with `changes` in place.
std::vector<std::string> with_changes(const std::vector<std::string>& inherited,
                                      const std::map<std::string, std::string>& changes);

}  // namespace amorsize
