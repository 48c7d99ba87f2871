#pragma once

#include <cstddef>
#include <vector>

#include "advisor/core/units.hpp"

namespace amorsize::measure {

/// Where the pages of some memory are.
enum class Placement { on_node, elsewhere, unknown };

/// Triad's three arrays on one NUMA node, touched by pinned threads.
class TriadArrays {
public:
    /// Binds to the NUMA node with this operating system index (left to first touch where the
    /// kernel refuses that, as some containers do) and touches with the given hardware threads.
    /// Throws Error (environment) if there is no such memory.
    TriadArrays(Bytes each, int memory_node, const std::vector<int>& touching_pus);
    ~TriadArrays();
    TriadArrays(const TriadArrays&) = delete;
    TriadArrays& operator=(const TriadArrays&) = delete;

    double* array(int index) const { return start_ + static_cast<std::size_t>(index) * elements_; }
    std::size_t elements() const { return elements_; }
    /// Asks the kernel about a few pages.
    Placement placement() const;

private:
    std::size_t elements_;
    int node_;
    double* start_ = nullptr;
};

}  // namespace amorsize::measure
