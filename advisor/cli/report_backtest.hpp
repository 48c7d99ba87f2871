#pragma once

#include <string>

#include "advisor/core/backtest.hpp"

namespace amorsize::cli {

struct BacktestOptions {
    std::string trace;
    LearningPolicy policy;
    std::string rows_file;  ///< empty: none
    bool json = false;
};

/// Reads the trace (our CSV, Nextflow's, sacct's), replays it, writes the rows file if asked for;
/// the report.
std::string backtest_report(const BacktestOptions& options);

}  // namespace amorsize::cli
