#pragma once

#include <cstdint>

#include "mpi/run/output_store.hpp"
#include "mpi/run/pipe_end.hpp"
#include "mpi/run/poller.hpp"

namespace amorsize::run {

/// One stream of a worker on its way into the output file. The pipe outlives the processes that
/// write to it, so that an item costs no pipe of its own: what a process has written is in it once
/// the process has ended.
class OutputCapture {
public:
    OutputCapture(Stream stream, Poller& poller, PollToken token);

    int write_end() const { return pipe_.write_end.get(); }
    /// Moves everything written so far to the output of `key`'s item; returns the bytes.
    std::uint32_t drain(OutputWriter& output, OutputKey key);
    /// Drops what something that outlived its item has written.
    void discard();

private:
    Stream stream_;
    Pipe pipe_;
    std::string text_;
};

}  // namespace amorsize::run
