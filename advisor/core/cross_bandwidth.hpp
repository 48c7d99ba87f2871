#pragma once

#include "advisor/core/units.hpp"

namespace amorsize {

/// Triad bandwidth of one core of a NUMA domain on the memory of a NUMA node.
struct CrossBandwidth {
    int domain = 0;       ///< index into Topology::domains of the core
    int memory_node = 0;  ///< operating system index of the memory, CPU-less nodes included
    BytesPerSecond rate;
    Fraction spread;  ///< of its repetitions: interquartile range over median

    friend bool operator==(const CrossBandwidth&, const CrossBandwidth&) = default;
};

}  // namespace amorsize
