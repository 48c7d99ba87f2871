#pragma once

#include "advisor/core/units.hpp"

namespace amorsize {

/// Pages that the workers of a node have in common: files and shared memory that all of them map.
struct CommonPages {
    Bytes of_worker;  ///< what one worker maps of them
    Bytes at_most;    ///< what they come to on a node, however many workers map their part

    friend bool operator==(const CommonPages&, const CommonPages&) = default;
};

/// What a worker takes, and how that adds up on a node.
struct WorkerMemory {
    Bytes alone;  ///< of one worker
    CommonPages common{};

    /// Of so many side by side: pages in common count once.
    Bytes together(int workers) const;
    /// The most workers that fit into `room`.
    int fitting(Bytes room) const;

    friend bool operator==(const WorkerMemory&, const WorkerMemory&) = default;
};

}  // namespace amorsize
