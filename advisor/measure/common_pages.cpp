#include "advisor/measure/common_pages.hpp"

#include <algorithm>
#include <map>

namespace amorsize::measure {

namespace {

constexpr Bytes kWorthSaying = kMiB * 4;

/// Of the runs seen near their peaks, one a process: the answers of a stream's worker share one.
std::map<pid_t, const ItemRun*> by_process(const std::vector<const ItemRun*>& runs) {
    std::map<pid_t, const ItemRun*> seen;
    for (const ItemRun* run : runs) {
        if (run->mapped) seen.emplace(run->process, run);
    }
    return seen;
}

/// Then nobody knows what the peak that is planned with was made of.
bool largest_is_unseen(const std::vector<const ItemRun*>& runs) {
    const auto largest =
        std::max_element(runs.begin(), runs.end(), [](const ItemRun* a, const ItemRun* b) {
            return std::pair(a->peak_memory, a->mapped.has_value()) <
                   std::pair(b->peak_memory, b->mapped.has_value());
        });
    return largest != runs.end() && !(*largest)->mapped;
}

}  // namespace

std::optional<CommonPages> common_pages(const std::vector<const ItemRun*>& runs) {
    const auto seen = by_process(runs);
    if (seen.size() < 2 || largest_is_unseen(runs)) return std::nullopt;
    const auto mapped_by_all = [&](const std::string& file) {
        return std::all_of(seen.begin(), seen.end(), [&](const auto& process) {
            return process.second->mapped->files.count(file) > 0;
        });
    };
    MappedFiles all;  // with the largest extent
    std::optional<Bytes> least;
    for (const auto& [pid, run] : seen) {
        Bytes resident;
        for (const auto& [id, file] : run->mapped->files) {
            if (!mapped_by_all(id)) continue;
            resident += file.resident;
            all[id].extent = std::max(all[id].extent, file.extent);
        }
        // What is its own at the peak is not in common, whenever the files were mapped.
        resident = std::min(resident, run->peak_memory - run->mapped->own);
        least = std::min(least.value_or(resident), resident);
    }
    if (*least < kWorthSaying) return std::nullopt;
    CommonPages common{*least, {}};
    for (const auto& [id, file] : all) common.at_most += file.extent;
    return common;
}

}  // namespace amorsize::measure
