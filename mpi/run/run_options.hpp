#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "advisor/core/units.hpp"
#include "mpi/run/resumption.hpp"

namespace amorsize::run {

/// How a plan is to be run.
struct RunOptions {
    std::string plan_path;
    std::optional<int> element;  ///< of the plan's job array; absent: all items
    ResumePolicy resume;
    std::optional<int> workers;  ///< of this and every rank, in place of the plan's
    Seconds grace{20};           ///< for running items after a signal to stop
    Seconds silence{30};         ///< WorkerSetup::silence
    std::string history;         ///< where finished runs are remembered; empty: nowhere
    bool progress_on_terminal = false;
    std::vector<std::string> environment;         ///< this process's own, as the items inherit it
    std::function<void(const std::string&)> say;  ///< progress and warnings
};

}  // namespace amorsize::run
