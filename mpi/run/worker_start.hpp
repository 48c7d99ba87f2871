#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "mpi/run/workers.hpp"

namespace amorsize::run {

/// Starts the processes of one worker: knows its environment and its place.
class WorkerStart {
public:
    WorkerStart(const WorkerSetup& setup, std::uint32_t worker);

    /// Starts `argv` with these descriptors; `item` goes into AMORSIZE_ITEM unless it is null.
    /// Returns the process id or the negated errno.
    pid_t operator()(const ChildStarter& starter, const std::vector<std::string>& argv,
                     const std::string* item, int in, int out, int err);

private:
    PlaceMask place_;
    std::vector<std::string> environment_;
    std::vector<char*> envp_;
    std::string item_variable_;
    std::string program_name_;  ///< the last program, and where it was found
    std::string program_path_;
    std::vector<char*> argv_;
};

}  // namespace amorsize::run
