#include "advisor/measure/bandwidth_memory.hpp"

#include <fmt/format.h>
#include <numaif.h>
#include <sys/mman.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <cstring>

#include "advisor/core/error.hpp"
#include "advisor/measure/pinned_threads.hpp"

namespace amorsize::measure {

namespace {

constexpr std::size_t kBitsPerWord = sizeof(unsigned long) * CHAR_BIT;

// A refusal (a container's system call filter, a kernel without NUMA) leaves placement to first
// touch.
void bind_to_node(void* start, std::size_t size, int node) {
    const auto bit = static_cast<std::size_t>(node);
    std::vector<unsigned long> mask(bit / kBitsPerWord + 1);
    mask[bit / kBitsPerWord] = 1UL << (bit % kBitsPerWord);
    // The kernel reads one bit less than it is told.
    mbind(start, size, MPOL_BIND, mask.data(), mask.size() * kBitsPerWord + 1, 0);
}

}  // namespace

TriadArrays::TriadArrays(Bytes each, int memory_node, const std::vector<int>& touching_pus)
    : elements_(static_cast<std::size_t>(each.value) / sizeof(double)), node_(memory_node) {
    const std::size_t size = 3 * elements_ * sizeof(double);
    void* memory = mmap(nullptr, size, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED) {
        throw Error(ExitCode::environment,
                    fmt::format("cannot map {} MiB to measure bandwidth with: {}", size >> 20,
                                std::strerror(errno)),
                    "raise the limit on address space (ulimit -v)");
    }
    start_ = static_cast<double*>(memory);
    madvise(memory, size, MADV_HUGEPAGE);  // where there are none, the figure is of small pages
    bind_to_node(memory, size, node_);
    timed_rounds(touching_pus, {1, 1, {}}, [&](std::size_t thread) {
        const std::size_t begin = 3 * elements_ * thread / touching_pus.size();
        const std::size_t end = 3 * elements_ * (thread + 1) / touching_pus.size();
        std::fill(start_ + begin, start_ + end, 1.0);
    });
}

TriadArrays::~TriadArrays() {
    munmap(start_, 3 * elements_ * sizeof(double));
}

Placement TriadArrays::placement() const {
    constexpr std::size_t kPages = 24;
    std::array<void*, kPages> pages{};
    std::array<int, kPages> where{};
    for (std::size_t i = 0; i < kPages; ++i) {
        // The system call rounds down to the page.
        pages[i] = start_ + 3 * elements_ * i / kPages;
    }
    if (move_pages(0, kPages, pages.data(), nullptr, where.data(), 0) != 0)
        return Placement::unknown;
    const auto is_here = [&](int node) { return node == node_; };
    if (std::all_of(where.begin(), where.end(), is_here)) return Placement::on_node;
    const auto is_error = [](int node) { return node < 0; };
    const bool told_nothing = std::all_of(where.begin(), where.end(), is_error);
    return told_nothing ? Placement::unknown : Placement::elsewhere;
}

}  // namespace amorsize::measure
