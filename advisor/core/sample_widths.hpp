#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "advisor/core/units.hpp"

namespace amorsize {

/// Of items that wait: how many run side by side, in rounds and where no round says it.
inline constexpr int kFirstWaitingPerCore = 4;
inline constexpr double kHardlySlower = 1.25;  ///< side by side than alone: wider still helps
inline constexpr int kWiderUndisturbed = 4;    ///< times as wide, where they were hardly slower
inline constexpr double kKeepsBusy = 2;        ///< times what keeps the cores busy on average

/// What bounds the rounds of a sample, in which several items run side by side.
struct WidthRange {
    int cores = 1;           ///< items that the usable cores hold
    int widest = 1;          ///< that memory and open files allow
    double busy = 1;         ///< share of its time that an item alone had a core or queued for one
    Seconds alone;           ///< mean time of an item alone
    int on_all_threads = 0;  ///< items that all hardware threads hold; 0: not to be tried
};

/// How long items took beside how many others, themselves counted: one of them, or the mean of
/// those that had nearly the most company. Items start one after another and end at different
/// times, so that company stays below the width.
struct Accompanied {
    double company = 0;
    Seconds seconds;  ///< 0: nothing was learned
};
Accompanied fullest(const std::vector<Accompanied>& items);

/// Runs rounds until they tell what company costs an item. Items that compute: all usable cores,
/// then a second thread on each, for what those yield is each program's own; or, where items took
/// half as long again as alone, half of the cores. Items that wait: as many as keep the cores busy,
/// four a core at most, and on while the throughput grows by a tenth: four times as wide as long as
/// items hardly slow each other, else twice, up to twice what keeps the cores busy; and all that is
/// left of the list where it is too short for two more rounds. Where wider was no faster, or items
/// took twice as long as alone, the best lies between the last two widths: a round half-way, at no
/// more than twice the throughput, and one above it where that one scaled. `left` counts the items
/// that a round may take; `round` runs that many side by side.
void try_widths(const WidthRange&, const std::function<std::int64_t()>& left,
                const std::function<Accompanied(int width)>& round);

}  // namespace amorsize
