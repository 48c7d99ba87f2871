#include "mpi/run/workers.hpp"

#include "mpi/run/process_workers.hpp"
#include "mpi/run/stream_workers.hpp"

namespace amorsize::run {

std::unique_ptr<Workers> make_workers(const WorkerSetup& setup, const ChildStarter& starter,
                                      Poller& poller, OutputWriter& output) {
    if (setup.mode == Mode::stream) {
        return std::make_unique<StreamWorkers>(setup, starter, poller, output);
    }
    return std::make_unique<ProcessWorkers>(setup, starter, poller, output);
}

}  // namespace amorsize::run
